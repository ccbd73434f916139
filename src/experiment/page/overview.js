// What was run, on what, and what came out in a sentence.

function factsOf() {
  const machine = results.machine || {},
    facts = [];
  const began = results.began && new Date(results.began);
  if (began && !Number.isNaN(began.getTime())) {
    facts.push([
      "Begun",
      began.toLocaleString("en-GB", { dateStyle: "long", timeStyle: "short", timeZone: "UTC" }) + " UTC",
    ]);
  }
  if (machine.processor) facts.push(["Processor", machine.processor]);
  if (machine.threads) facts.push(["Threads", machine.threads]);
  if (machine.memory_bytes) facts.push(["Memory", `${Number((machine.memory_bytes / 2 ** 30).toPrecision(3))} GiB`]);
  if (machine.version) facts.push(["Dragoman", machine.version]);
  if (results.seed !== undefined) facts.push(["Seed", results.seed]);
  facts.push(["Cells", results.cells.length]);
  return facts;
}

function headlineOf(collection) {
  const measure = results.measures[0],
    cells = results.cells.filter((cell) => cell.collection === collection.name);
  const top = best(cells, "all", measure);
  if (!top) return null;
  const row = top.effectiveness.all,
    interval = row.intervals?.[measure],
    baseline = baselineOf(collection.name);
  const parts = [
    "On ",
    isolated("strong", collection.name),
    ", ",
    isolated("strong", top.label),
    ` is best: ${measure} ${fixed4(row.values[measure])}`,
  ];
  if (interval) parts.push(` [${fixed3(interval[0])}, ${fixed3(interval[1])}]`);
  if (baseline && baseline !== top) {
    const comparison = comparisonOf(top, "all", measure);
    parts.push(
      `, ${signed(row.values[measure] - valueOf(baseline, "all", measure))} against `,
      isolated("span", baseline.label),
    );
    if (comparison)
      parts.push(
        comparison.verdict === "not_distinguishable"
          ? ", which chance could explain"
          : ` (p\u00a0${comparison.p_adjusted < 0.001 ? "" : "=\u00a0"}${pValue(comparison.p_adjusted)})`,
      );
  } else if (baseline) {
    parts.push(", the baseline itself");
  }
  const cpu = COSTS[0].of(top);
  if (!missing(cpu)) parts.push(`, at ${quantity(cpu)} CPU seconds a query`);
  return h("p", { class: "headline" }, parts, ".");
}

function drawOverview(host) {
  const languages = (counts) =>
    Object.entries(counts || {})
      .map(([tag, count]) => `${tag} ${whole(count)}`)
      .join(", ");
  host.append(
    ...results.collections.map(headlineOf).filter(Boolean),
    h(
      "dl",
      { class: "facts" },
      factsOf().map(([name, value]) => h("div", null, h("dt", null, name), h("dd", null, String(value)))),
    ),
    table(
      "Collections",
      [
        { title: "collection", cell: (c) => isolated("span", c.name) },
        { title: "documents", number: true, cell: (c) => whole(c.documents) },
        { title: "of languages", cell: (c) => languages(c.document_languages) },
        { title: "queries", number: true, cell: (c) => whole(c.queries) },
        {
          title: "of languages",
          cell: (c) => [languages(c.query_languages), c.sampling && h("div", { class: "muted" }, c.sampling)],
        },
        {
          title: "indexing",
          number: true,
          cell: (c) => (c.cost ? `${quantity(c.cost.cpu_s)} CPU s, ${bytes(c.cost.disk_bytes)}` : "–"),
        },
      ],
      results.collections,
    ),
  );
}
