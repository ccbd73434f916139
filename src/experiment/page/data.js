// results.json, as the program checked it (docs/formats/results.md), and what is asked of it more than once.

const results = JSON.parse(document.getElementById("results").textContent);
results.comparisons ||= [];
results.expected ||= [];
results.cells.forEach((cell, number) => {
  cell.number = number;
  cell.translate ||= "none";
  cell.rerank ||= "none";
  cell.label = [cell.retrieve, cell.translate, cell.rerank].filter((part, i) => i === 0 || part !== "none").join(" + ");
});
const cellById = new Map(results.cells.map((cell) => [cell.id, cell]));
const comparisonByKey = new Map(results.comparisons.map((c) => [`${c.cell}\n${c.measure}\n${c.group}`, c]));

// What all charts show. Changing it draws again what is in view.
const state = {
  collection: results.collections[0].name,
  measure: results.measures[0],
  group: "all",
  cell: null,
  other: null,
  listeners: [],
  set(changes) {
    Object.assign(state, changes);
    for (const listener of state.listeners) listener();
  },
};

const cellsHere = () => results.cells.filter((cell) => cell.collection === state.collection);
const comparisonOf = (cell, group, measure = state.measure) => comparisonByKey.get(`${cell.id}\n${measure}\n${group}`);

// A row of `effectiveness` by the name that comparisons give its group: "all", "query_language:sw".
function rowOf(cell, group) {
  const [kind, ...label] = group.split(":");
  return label.length === 0 ? cell.effectiveness[kind] : cell.effectiveness[`by_${kind}`]?.[label.join(":")];
}

const valueOf = (cell, group = "all", measure = state.measure) => rowOf(cell, group)?.values[measure] ?? null;

function best(cells, group = "all", measure = state.measure) {
  return cells
    .filter((cell) => !missing(valueOf(cell, group, measure)))
    .reduce((top, cell) => (top && valueOf(top, group, measure) >= valueOf(cell, group, measure) ? top : cell), null);
}

// The cell of a collection that its others are compared with.
function baselineOf(collection) {
  const named = cellById.get(results.baseline);
  if (named?.collection === collection) return named;
  const comparison = results.comparisons.find((c) => cellById.get(c.baseline)?.collection === collection);
  return comparison ? cellById.get(comparison.baseline) : null;
}

// Cell and comparison for a collection just chosen: its best, and its baseline (or else its first).
function choicesFor(collection) {
  const cells = results.cells.filter((cell) => cell.collection === collection);
  const cell = best(cells) || cells[0];
  const other = baselineOf(collection) || cells[0];
  return { collection, group: "all", cell, other: other === cell ? cells.find((one) => one !== cell) || cell : other };
}

// What a cell can cost. Times, calls, tokens and energy are for a query; a cell without calls made none.
const perQuery = (member, otherwise) => (cell) => {
  const total = cell.cost?.total,
    value = total?.[member];
  if (missing(value)) return total ? otherwise : null;
  return value / (total.queries || cell.effectiveness.all.queries || 1);
};
const plain = (member) => (cell) => cell.cost?.total?.[member] ?? null;
const COSTS = [
  { key: "cpu_s", title: "CPU seconds a query", of: perQuery("cpu_s", null), show: quantity },
  { key: "wall_s", title: "seconds a query (wall)", of: perQuery("wall_s", null), show: quantity },
  { key: "calls", title: "model calls a query", of: perQuery("calls", 0), show: quantity },
  { key: "tokens_evaluated", title: "tokens evaluated a query", of: perQuery("tokens_evaluated", 0), show: quantity },
  { key: "energy_j", title: "joules a query", of: perQuery("energy_j", null), show: quantity },
  { key: "memory_bytes", title: "memory at the peak", of: plain("memory_bytes"), show: bytes },
  { key: "disk_bytes", title: "bytes on the disk", of: plain("disk_bytes"), show: bytes },
];
// Those that this file knows of.
const costsHere = () => COSTS.filter((cost) => cellsHere().some((cell) => cell.cost?.total?.[cost.key] !== undefined));

// Groups that any cell here has a value for, as options of a choice.
function groupOptions() {
  const kinds = [
    ["query_language", "question in"],
    ["document_language", "documents in"],
    ["resource_class", "resources"],
    ["query_script", "question's script"],
    ["document_script", "documents' script"],
    ["pair", "pair"],
  ];
  const options = [{ value: "all", text: "all questions" }];
  const rows = cellsHere()[0]?.effectiveness || {};
  if (rows.same) options.push({ value: "same", text: "mean over pairs of one language" });
  if (rows.cross) options.push({ value: "cross", text: "mean over pairs of two languages" });
  for (const [kind, title] of kinds) {
    for (const label of Object.keys(rows[`by_${kind}`] || {})) {
      const name = kind.endsWith("language") ? languageName(label) : label.replace(">", " → ");
      options.push({ value: `${kind}:${label}`, text: `${title} ${name}` });
    }
  }
  return options;
}
