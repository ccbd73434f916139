// Effectiveness by language of the question, or by what resources it has.

let languageKind = "by_query_language";

function drawLanguages(host) {
  const kinds = [
    ["by_query_language", "language of the question"],
    ["by_resource_class", "resources of the language"],
    ["by_query_script", "script of the question"],
    ["by_document_language", "language of the documents"],
    ["by_document_script", "script of the documents"],
  ].filter(([kind]) => Object.keys(state.cell.effectiveness[kind] || {}).length > 0);
  if (kinds.length === 0) {
    host.append(h("p", { class: "muted" }, "This cell has no values by language."));
    return;
  }
  if (!kinds.some(([kind]) => kind === languageKind)) languageKind = kinds[0][0];
  host.append(
    h(
      "div",
      { class: "controls" },
      choice(
        "By",
        kinds.map(([value, text]) => ({ value, text })),
        languageKind,
        (kind) => {
          languageKind = kind;
          drawAgain(host, drawLanguages);
        },
      ),
    ),
  );
  const rows = state.cell.effectiveness[languageKind],
    others = state.other.effectiveness[languageKind] || {};
  const bar = (row, kind, name) => ({
    value: row?.values[state.measure],
    low: row?.intervals?.[state.measure]?.[0],
    high: row?.intervals?.[state.measure]?.[1],
    kind,
    name,
  });
  const pair = state.other === state.cell ? [] : [state.other];
  const items = Object.entries(rows)
    .map(([label, row]) => ({
      key: label,
      title: languageKind.endsWith("language") ? languageName(label) : label,
      queries: row.queries,
      note: counted(row.queries, "query", "queries"),
      bars: [bar(row, "chosen", state.cell.label), ...pair.map((cell) => bar(others[label], "other", cell.label))],
    }))
    .sort((a, b) => (b.bars[0].value ?? -1) - (a.bars[0].value ?? -1));
  host.append(
    legend([{ kind: "chosen", text: state.cell.label }, ...pair.map((cell) => ({ kind: "other", text: cell.label }))]),
  );
  barChart(host, "language-bars", { items, label: `${state.measure} by language`, axis: state.measure });
  host.append(
    numbersOf("The numbers as a table", () =>
      table(
        `${state.measure} on ${state.collection}`,
        [
          { title: "group", cell: (item) => item.title },
          { title: "queries", number: true, cell: (item) => whole(item.queries) },
          ...[state.cell, ...pair].flatMap((cell, i) => [
            { title: cell.label, number: true, cell: (item) => fixed4(item.bars[i].value) },
            {
              title: "95% interval",
              number: true,
              cell: (item) =>
                missing(item.bars[i].low) ? "–" : `${fixed3(item.bars[i].low)} to ${fixed3(item.bars[i].high)}`,
            },
          ]),
        ],
        items,
      ),
    ),
  );
}
