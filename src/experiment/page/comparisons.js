// Every comparison with the baseline: how large, how sure.

const COMPARISONS_AT_ONCE = 60;
let comparisonKind = "all";

function drawComparisons(host) {
  const here = results.comparisons.filter(
    (c) => c.measure === state.measure && cellById.get(c.cell).collection === state.collection,
  );
  if (here.length === 0) {
    host.append(h("p", { class: "muted" }, "Nothing was compared by this measure on this collection."));
    return;
  }
  const kinds = [...new Set(here.map((c) => c.group.split(":")[0]))];
  if (!kinds.includes(comparisonKind)) comparisonKind = kinds[0];
  const names = { all: "all questions", query_language: "by language of the question", pair: "by pair of languages" };
  host.append(
    h(
      "div",
      { class: "controls" },
      choice(
        "Over",
        kinds.map((kind) => ({ value: kind, text: names[kind] || kind })),
        comparisonKind,
        (kind) => {
          comparisonKind = kind;
          drawAgain(host, drawComparisons);
        },
      ),
    ),
  );
  const rows = here
    .filter((c) => c.group.split(":")[0] === comparisonKind && (comparisonKind === "all" || c.cell === state.cell.id))
    .sort((a, b) => (b.difference ?? -9) - (a.difference ?? -9));
  if (rows.length === 0) {
    host.append(h("p", { class: "muted" }, "The chosen system is the baseline itself; choose another."));
    return;
  }
  const ends = rows.flatMap((c) => [c.difference, ...(c.interval || [])]).filter((value) => !missing(value));
  const x = d3.scaleLinear([Math.min(0, d3.min(ends)), Math.max(0, d3.max(ends))], [8, 182]);
  const baseline = cellById.get(rows[0].baseline).label;
  const holder = host.appendChild(h("div"));
  const show = (count) => {
    holder.replaceChildren(
      table(
        `${state.measure} against ${baseline}, on ${state.collection}`,
        [
          comparisonKind === "all"
            ? { title: "cell", cell: (c) => isolated("span", cellById.get(c.cell).label) }
            : { title: "group", cell: (c) => groupName(c.group) },
          { title: "95% interval of the difference", cell: (c) => forest(c, x) },
          { title: "difference", number: true, cell: (c) => signed(c.difference), class: (c) => c.verdict },
          { title: "p", number: true, cell: (c) => pValue(c.p_randomisation) },
          { title: "adjusted p", number: true, cell: (c) => pValue(c.p_adjusted) },
          { title: "effect size", number: true, cell: (c) => formatted("+.2f")(c.effect_size) },
          {
            title: "won / lost / tied",
            number: true,
            cell: (c) => `${whole(c.wins)} / ${whole(c.losses)} / ${whole(c.ties)}`,
          },
        ],
        rows.slice(0, count),
      ),
    );
    if (count < rows.length)
      holder.append(
        h(
          "button",
          { type: "button", onclick: () => show(count + 4 * COMPARISONS_AT_ONCE) },
          `Show more of ${whole(rows.length)}`,
        ),
      );
  };
  show(COMPARISONS_AT_ONCE);
  host.append(
    numbersOf("In words", () =>
      h(
        "ul",
        null,
        rows.filter((c) => c.sentence).map((c) => isolated("li", c.sentence, "en")),
      ),
    ),
  );
}

function groupName(group) {
  const [kind, label] = group.split(":");
  return kind.endsWith("language") ? languageName(label) : (label || kind).replace(">", " → ");
}

function forest(comparison, x) {
  const svg = d3
    .create("svg")
    .attr("class", "forest")
    .attr("data-chart", "forest")
    .attr("role", "img")
    .attr("width", 190)
    .attr("height", 16)
    .attr("viewBox", "0 0 190 16")
    .attr(
      "aria-label",
      comparison.interval ? `${signed(comparison.interval[0])} to ${signed(comparison.interval[1])}` : "no interval",
    );
  svg
    .append("path")
    .attr("class", "zero")
    .attr("d", `M${x(0)},0V16`);
  const [low, high] = comparison.interval || [];
  if (!missing(low) && !missing(high))
    svg
      .append("path")
      .attr("class", `interval ${comparison.verdict}`)
      .attr("d", `M${x(low)},8H${x(high)}`);
  if (!missing(comparison.difference))
    svg
      .append("circle")
      .attr("class", `mark ${comparison.verdict}`)
      .attr("cx", x(comparison.difference))
      .attr("cy", 8)
      .attr("r", 3.5);
  return svg.node();
}
