// Language of the question by language of the documents.

function drawPairs(host) {
  const rows = state.cell.effectiveness.by_pair || {},
    pairs = Object.keys(rows).map((label) => label.split(">"));
  if (pairs.length === 0) {
    host.append(h("p", { class: "muted" }, "This cell has no values by pair of languages."));
    return;
  }
  const languages = (i) => [...new Set(pairs.map((pair) => pair[i]))].sort().map((tag) => ({ key: tag, title: tag }));
  const { same, cross } = state.cell.effectiveness;
  const mean = (name, row) => row && `${name} ${fixed4(row.values[state.measure])}`;
  host.append(
    h(
      "p",
      null,
      isolated("strong", state.cell.label),
      ": mean over pairs, ",
      [mean("one language", same), mean("two languages", cross)].filter(Boolean).join(", "),
      ".",
    ),
  );
  const other = state.other.effectiveness.by_pair || {};
  heatMap(host, "pair-map", {
    rows: languages(0),
    columns: languages(1),
    rowTitle: "question",
    columnTitle: "documents",
    label: `${state.measure} by pair of languages`,
    caption: `${state.measure} of ${state.cell.label}`,
    at(row, column) {
      const found = rows[`${row.key}>${column.key}`];
      if (!found) return null;
      const value = found.values[state.measure],
        before = other[`${row.key}>${column.key}`]?.values[state.measure];
      return {
        value,
        frame: row.key === column.key && "diagonal",
        lines: [
          `${languageName(row.key)} → ${languageName(column.key)}`,
          `${state.measure} ${fixed4(value)} over ${whole(found.queries)}`,
          state.other !== state.cell &&
            !missing(before) &&
            !missing(value) &&
            `${signed(value - before)} to ${state.other.label}`,
        ],
      };
    },
  });
  host.append(
    numbersOf("The numbers as a table", () =>
      table(
        `${state.measure} by pair`,
        [
          { title: "question", cell: (pair) => languageName(pair[0]) },
          { title: "documents", cell: (pair) => languageName(pair[1]) },
          { title: "queries", number: true, cell: (pair) => whole(rows[pair.join(">")].queries) },
          { title: state.measure, number: true, cell: (pair) => fixed4(rows[pair.join(">")].values[state.measure]) },
        ],
        pairs,
      ),
    ),
  );
}
