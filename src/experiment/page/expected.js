// Scores that the experiment file promises.

function drawExpected(host) {
  const rows = [...results.expected].sort((a, b) => a.holds - b.holds),
    broken = rows.filter((row) => !row.holds).length;
  host.append(
    h("p", null, broken === 0 ? `All ${rows.length} hold.` : `${broken} of ${rows.length} do not hold.`),
    table(
      "Expected scores",
      [
        { title: "cell", cell: (row) => isolated("span", row.cell) },
        { title: "measure", cell: (row) => row.measure },
        { title: "group", cell: (row) => (row.group === "all" ? "all" : groupName(row.group)) },
        { title: "expected", number: true, cell: (row) => fixed4(row.expected) },
        { title: "tolerance", number: true, cell: (row) => `± ${fixed4(row.tolerance)}` },
        { title: "value", number: true, cell: (row) => fixed4(row.value) },
        {
          title: "verdict",
          cell: (row) => (row.holds ? "✓ holds" : "✗ does not hold"),
          class: (row) => (row.holds ? "better" : "worse"),
        },
      ],
      rows,
    ),
  );
}
