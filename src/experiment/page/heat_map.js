// The grid: first stages by rerankers.

function markOf(comparison) {
  if (comparison?.verdict === "better") return "▲";
  return comparison?.verdict === "worse" ? "▼" : "";
}

function drawGrid(host) {
  const groups = groupOptions();
  if (!groups.some((option) => option.value === state.group)) state.group = "all";
  host.append(
    h(
      "div",
      { class: "controls" },
      choice("Group", groups, state.group, (group) => state.set({ group })),
    ),
  );
  const cells = cellsHere(),
    baseline = baselineOf(state.collection),
    top = best(cells, state.group);
  const rowKey = (cell) => (cell.translate === "none" ? cell.retrieve : `${cell.retrieve} + ${cell.translate}`);
  const unique = (keys) => [...new Set(keys)].map((key) => ({ key, title: key }));
  const columns = unique(cells.map((cell) => cell.rerank));
  heatMap(host, "grid-map", {
    rows: unique(cells.map(rowKey)),
    columns,
    rowTitle: "first stage",
    columnTitle: "reranker",
    label: `${state.measure} of every cell of the grid`,
    caption: [
      `${state.measure}, ${groups.find((option) => option.value === state.group).text}, on ${state.collection}`,
    ],
    at(row, column) {
      const cell = cells.find((one) => rowKey(one) === row.key && one.rerank === column.key);
      if (!cell) return null;
      const comparison = comparisonOf(cell, state.group),
        stats = rowOf(cell, state.group),
        interval = stats?.intervals?.[state.measure];
      return {
        value: valueOf(cell, state.group),
        best: cell === top,
        mark: `${cell === top ? "★" : ""}${markOf(comparison)}`,
        frame: [cell === baseline && "baseline", cell === state.cell && "chosen"].filter(Boolean).join(" "),
        press: () => state.set({ cell }),
        lines: [
          cell.label,
          `${state.measure} ${fixed4(valueOf(cell, state.group))}${stats ? ` over ${whole(stats.queries)}` : ""}`,
          interval && `95% interval ${fixed3(interval[0])} to ${fixed3(interval[1])}`,
          cell === baseline
            ? "the baseline"
            : comparison &&
              `${signed(comparison.difference)} to the baseline, adjusted p ${pValue(comparison.p_adjusted)}`,
          cell === top && "best",
        ],
      };
    },
  });
  host.append(
    numbersOf("All measures as a table", () =>
      table(
        `All measures on ${state.collection}`,
        [
          {
            title: "cell",
            cell: (cell) => [
              isolated("span", cell.label),
              cell === baseline && h("span", { class: "muted" }, " (baseline)"),
            ],
          },
          ...results.measures.map((measure) => ({
            title: measure,
            number: true,
            cell: (cell) =>
              `${fixed4(valueOf(cell, state.group, measure))} ${markOf(comparisonOf(cell, state.group, measure))}`,
          })),
          {
            title: "settings",
            cell: (cell) =>
              h(
                "span",
                { class: "muted" },
                Object.entries(cell.settings || {})
                  .map(([name, value]) => `${name} ${value}`)
                  .join(", "),
              ),
          },
        ],
        cells,
      ),
    ),
  );
}
