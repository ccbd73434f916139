// Effectiveness against cost.

let chosenCost = null;

// The cells that no other is both cheaper and better than, from cheap to dear.
function paretoFront(points) {
  let highest = -Infinity;
  return [...points]
    .sort((a, b) => a.cost - b.cost || b.value - a.value)
    .filter((point) => {
      if (point.value <= highest) return false;
      highest = point.value;
      return true;
    });
}

// Labels beside their points, those of the front first; one that would lie on another is left to the tip.
function placeLabels(points, x, y, width) {
  const taken = points.map((point) => ({
    left: x(point.cost) - 6,
    right: x(point.cost) + 6,
    top: y(point.value) - 6,
    bottom: y(point.value) + 6,
    point,
  }));
  for (const point of points) {
    const size = textWidth(point.cell.label, 11.5) + 4,
      cx = x(point.cost),
      cy = y(point.value);
    // The line comes from the left of a point of the front and leaves to its right.
    const beside = [
      [cx + 10, cy, "start"],
      [cx - 10, cy, "end"],
    ];
    const apart = [
      [cx - 7, cy - 12, "end"],
      [cx, cy - 14, "middle"],
      [cx + 8, cy + 13, "start"],
      [cx, cy + 16, "middle"],
      [cx + 8, cy - 12, "start"],
    ];
    const places = point.front ? [...apart, ...beside] : [...beside, ...apart];
    for (const [px, py, anchor] of places) {
      const left = anchor === "start" ? px : anchor === "end" ? px - size : px - size / 2;
      const box = { left, right: left + size, top: py - 7, bottom: py + 7 };
      const free = taken.every(
        (other) =>
          other.point === point ||
          other.left > box.right ||
          other.right < box.left ||
          other.top > box.bottom ||
          other.bottom < box.top,
      );
      if (!free || box.left < 44 || box.right > width) continue;
      taken.push(box);
      point.label = { x: px - cx, y: py - cy, anchor };
      break;
    }
  }
}

// 1, 2 and 5 of every power of ten, or 1 alone where that would be too many.
function logTicks(x, room) {
  const ticks = x.ticks(100).filter((tick) => /^[125](\.0+)?e/.test(tick.toExponential(6)));
  return ticks.length <= room ? ticks : ticks.filter((tick) => tick.toExponential(0).startsWith("1e"));
}

function drawCost(host) {
  const costs = costsHere();
  if (costs.length === 0) {
    host.append(h("p", { class: "muted" }, "No cell of this collection says what it cost."));
    return;
  }
  const cost = costs.find((one) => one.key === chosenCost) || costs[0];
  const redraw = (key) => {
    chosenCost = key;
    drawAgain(host, drawCost);
  };
  host.append(
    h(
      "div",
      { class: "controls" },
      choice(
        "Cost",
        costs.map(({ key, title }) => ({ value: key, text: title })),
        cost.key,
        redraw,
      ),
    ),
  );
  const points = cellsHere()
    .map((cell) => ({ cell, cost: cost.of(cell), value: valueOf(cell) }))
    .filter((p) => !missing(p.cost) && !missing(p.value));
  if (points.length === 0) return;
  const front = paretoFront(points);
  for (const point of front) point.front = true;
  points.sort((a, b) => Boolean(b.front) - Boolean(a.front) || b.value - a.value);

  const width = widthOf(host),
    height = Math.min(430, width * 0.62),
    margin = { left: 46, right: 18, top: 26, bottom: 42 };
  const range = [margin.left + 8, width - margin.right - 8],
    [cheap, dear] = d3.extent(points, (p) => p.cost);
  const logarithmic = cheap > 0 && dear / cheap > 8;
  const x = logarithmic
    ? d3.scaleLog([cheap / 1.3, dear * 1.3], range)
    : d3.scaleLinear([Math.min(0, cheap), dear || 1], range).nice();
  const y = d3
    .scaleLinear(
      d3.extent(points, (p) => p.value),
      [height - margin.bottom - 12, margin.top + 8],
    )
    .nice();
  placeLabels(points, x, y, width);
  const svg = chart(host, "pareto", {
    width,
    height,
    label: `${state.measure} against ${cost.title}`,
    interactive: true,
    caption: `${state.measure} against ${cost.title}${logarithmic ? ", on a logarithmic scale" : ""}; filled: on the front`,
  });
  const ticks = logarithmic ? logTicks(x, width / 60) : x.ticks(Math.min(8, width / 70));
  bottomAxis(svg, d3.axisBottom(x).tickValues(ticks).tickFormat(cost.show), {
    width,
    height,
    margin,
    title: `${cost.title} →`,
  });
  valueAxis(svg, y, {
    left: margin.left,
    right: width - margin.right,
    title: `↑ ${state.measure}`,
    titleAt: 11,
    set: (axis) => axis.ticks(6),
  });
  svg
    .append("path")
    .attr("class", "front-line")
    .attr(
      "d",
      d3
        .line()
        .x((p) => x(p.cost))
        .y((p) => y(p.value))
        .curve(d3.curveStepAfter)(front),
    );

  const rerankers = [...new Set(cellsHere().map((cell) => cell.rerank))],
    shapes = d3.symbols;
  const symbol = (rerank) =>
    d3
      .symbol()
      .size(85)
      .type(shapes[rerankers.indexOf(rerank) % shapes.length])();
  const group = svg
    .selectAll("g.point")
    .data([...points].reverse())
    .join("g")
    .attr("class", (p) => `point${p.front ? " front" : ""}${p.cell === state.cell ? " chosen" : ""}`)
    .attr("transform", (p) => `translate(${x(p.cost)},${y(p.value)})`);
  group
    .append("path")
    .attr("class", "mark hit")
    .attr("d", (p) => symbol(p.cell.rerank));
  group
    .filter((p) => p.label)
    .append("text")
    .attr("x", (p) => p.label.x)
    .attr("y", (p) => p.label.y)
    .attr("dominant-baseline", "central")
    .attr("text-anchor", (p) => p.label.anchor)
    .text((p) => p.cell.label);
  const lines = (p) =>
    [
      p.cell.label,
      `${state.measure} ${fixed4(p.value)}`,
      `${cost.show(p.cost)} ${cost.title}`,
      p.front ? "on the front" : null,
    ].filter(Boolean);
  withTips(group, lines);
  asButtons(
    group,
    (p) => lines(p).join(". "),
    (p) => state.set({ cell: p.cell }),
  );
  if (rerankers.length > 1) {
    host.append(
      h(
        "ul",
        { class: "legend" },
        rerankers.map((rerank) => {
          const swatch = d3
            .create("svg")
            .attr("class", "point")
            .attr("width", 14)
            .attr("height", 14)
            .attr("viewBox", "-7 -7 14 14")
            .attr("aria-hidden", "true");
          swatch.append("g").attr("class", "point").append("path").attr("class", "mark").attr("d", symbol(rerank));
          return h("li", null, swatch.node(), rerank === "none" ? "not reranked" : rerank);
        }),
      ),
    );
  }
  host.append(
    table(
      "On the front, from cheap to dear",
      [
        { title: "cell", cell: (p) => isolated("span", p.cell.label) },
        { title: state.measure, number: true, cell: (p) => fixed4(p.value) },
        ...costs.map((one) => ({ title: one.title, number: true, cell: (p) => one.show(one.of(p.cell)) })),
      ],
      front,
    ),
    numbersOf("Stage by stage", () => stagesTable(cost)),
  );
}

// What each stage took of the chosen cost. A part that cells share is counted for each, as if nothing had been shared.
function stagesTable(cost) {
  const rows = cellsHere().flatMap((cell) => (cell.cost?.stages || []).map((stage) => ({ cell, stage })));
  return table(
    `Stages, on ${state.collection}`,
    [
      { title: "cell", cell: ({ cell }) => isolated("span", cell.label) },
      { title: "stage", cell: ({ stage }) => stage.stage },
      {
        title: cost.title,
        number: true,
        cell: ({ cell, stage }) => cost.show(cost.of({ ...cell, cost: { total: stage } })),
      },
      { title: "shared with other cells", cell: ({ stage }) => (stage.shared ? isolated("span", stage.shared) : "") },
    ],
    rows,
  );
}
