// The frames and forms that several charts share. All are SVG, coloured by style sheets alone, so that a theme or paper
// changes them without drawing again.

const widthOf = (host) => Math.max(280, Math.min(host.clientWidth || 640, 1040));
const textWidth = (text, size = 12) => d3.sum(String(text), (c) => (c.codePointAt(0) > 0x2e7f ? size : size * 0.58));

// An SVG in a figure with its caption; returns the d3 selection. kind names it for whoever tests the page.
function chart(host, kind, { width, height, label, caption, interactive }) {
  const figure = host.appendChild(h("figure", null, caption && h("figcaption", null, caption)));
  return d3
    .select(figure)
    .append("svg")
    .attr("class", kind)
    .attr("data-chart", kind)
    .attr("role", interactive ? "group" : "img")
    .attr("aria-label", label)
    .attr("viewBox", `0 0 ${width} ${height}`)
    .attr("width", width)
    .attr("height", height);
}

const CATEGORIES = 8;
// Beyond eight the same colours come again, lighter; the labels tell them apart.
function categoryFill(number) {
  const strength = [100, 60, 35][Math.floor(number / CATEGORIES) % 3];
  return `color-mix(in oklab, var(--category-${number % CATEGORIES}) ${strength}%, white)`;
}

// Share of the way from low to high as a fill. One ink is readable on all of it, in either theme.
const heatFill = (share) => `color-mix(in oklab, var(--heat-high) ${Math.round(share * 100)}%, var(--heat-low))`;

function ramp(low, high, format) {
  return h(
    "ul",
    { class: "legend" },
    h("li", null, format(low), h("span", { class: "ramp", "aria-hidden": "true" }), format(high)),
  );
}

// rows, columns: [{key, title, note}]. at(row, column): {value, mark, best, frame, lines, press} or null.
function heatMap(host, kind, { rows, columns, at, label, caption, rowTitle, columnTitle }) {
  const width = widthOf(host);
  const left = Math.min(
    width * 0.4,
    18 +
      Math.max(
        textWidth(`${rowTitle} ↓`),
        d3.max(rows, (row) => textWidth(row.title)),
      ),
  );
  // Below that no colour can be told from its neighbours; what is wider than the page scrolls.
  const step = Math.max(12, Math.min(118, (width - left) / columns.length));
  const wide = step >= 56,
    rotated = d3.max(columns, (column) => textWidth(column.title)) > step - 6;
  const top = rotated ? 14 + d3.max(columns, (column) => textWidth(column.title)) * 0.75 + 20 : 40;
  const bare = step < 20; // No room for values; notes have them.
  const tall = bare ? 14 : Math.min(38, Math.max(26, step * 0.62));
  // Where it is narrow a value loses a digit, and then the zero before the point.
  const shown = (value) =>
    wide ? fixed3(value) : step >= 34 ? fixed2(value) : fixed2(value).replace(/^0\./, ".").replace("1.00", "1.0");
  const cells = rows.flatMap((row, y) => columns.map((column, x) => ({ row, column, x, y, ...at(row, column) })));
  const [low, high] = d3.extent(
    cells.filter((cell) => !missing(cell.value)),
    (cell) => cell.value,
  );
  const share = (cell) => (missing(cell.value) ? null : high > low ? (cell.value - low) / (high - low) : 1);
  const svg = chart(host, kind, {
    width: left + step * columns.length + 2,
    height: top + tall * rows.length + 4,
    label,
    caption,
    interactive: true,
  });
  svg.classed("heat", true).classed("bare", bare);
  if (left + step * columns.length > width + 4) {
    svg.style("max-width", "none");
    Object.entries({ class: "scroll", tabindex: 0 }).forEach(([name, value]) =>
      svg.node().parentNode.setAttribute(name, value),
    );
  }
  svg
    .append("text")
    .attr("class", "axis-title head")
    .attr("x", left)
    .attr("y", 11)
    .style("text-anchor", "start")
    .text(`${columnTitle} →`);
  svg
    .append("text")
    .attr("class", "axis-title head row-label")
    .attr("x", left - 10)
    .attr("y", top - 12)
    .text(`${rowTitle} ↓`);
  const heads = svg
    .selectAll("text.column")
    .data(columns)
    .join("text")
    .attr("class", "column head")
    .text((column) => column.title)
    .attr("transform", (_, x) => `translate(${left + step * (x + 0.5)},${top - 11})${rotated ? " rotate(-48)" : ""}`);
  if (rotated) heads.style("text-anchor", "start");
  svg
    .selectAll("text.row")
    .data(rows)
    .join("text")
    .attr("class", "row row-label")
    .text((row) => row.title)
    .attr("x", left - 10)
    .attr("y", (_, y) => top + tall * (y + 0.5));
  const group = svg
    .selectAll("g.cell")
    .data(cells.filter((cell) => cell.lines))
    .join("g")
    .attr("class", (cell) => `cell${missing(cell.value) ? " empty" : ""}${cell.best ? " best" : ""}`)
    .attr("transform", (cell) => `translate(${left + step * cell.x},${top + tall * cell.y})`);
  group
    .append("rect")
    .attr("class", "hit mark")
    .attr("width", step)
    .attr("height", tall)
    .attr("rx", 4)
    .style("fill", (cell) => (missing(cell.value) ? null : heatFill(share(cell))));
  group
    .append("text")
    .attr("x", step / 2)
    .attr("y", tall / 2)
    .style("font-size", step < 26 ? "10px" : null)
    .text((cell) => `${shown(cell.value)}${cell.mark && wide ? ` ${cell.mark}` : ""}`);
  group
    .filter((cell) => cell.frame)
    .append("rect")
    .attr("class", (cell) => `frame ${cell.frame}`)
    .attr("x", 2)
    .attr("y", 2)
    .attr("width", step - 4)
    .attr("height", tall - 4)
    .attr("rx", 3);
  withTips(group, (cell) => cell.lines);
  if (cells.some((cell) => cell.press))
    asButtons(
      group,
      (cell) => cell.lines.join(". "),
      (cell) => cell.press(),
    );
  if (!missing(low)) host.append(ramp(low, high, wide ? fixed3 : fixed2));
}

// items: [{title, note, bars: [{value, low, high, kind}], lines}], values from 0 up; reference: a line across all.
function barChart(host, kind, { items, label, caption, axis, reference, format = fixed3 }) {
  const width = widthOf(host),
    many = d3.max(items, (item) => item.bars.length);
  const thick = many > 1 ? 9 : 14,
    row = many * thick + 10;
  const left = Math.min(width * 0.38, 14 + d3.max(items, (item) => textWidth(item.title)));
  const right = width < 480 ? 8 : 76,
    top = 22,
    height = top + row * items.length + 8;
  const highest = d3.max(items, (item) => d3.max(item.bars, (bar) => Math.max(bar.high ?? 0, bar.value ?? 0)));
  const x = d3.scaleLinear([0, Math.max(highest || 0, reference || 0)], [left, width - right]).nice();
  const svg = chart(host, kind, { width, height, label, caption });
  svg
    .append("g")
    .attr("transform", `translate(0,${top})`)
    .call(
      d3
        .axisTop(x)
        .ticks(width < 480 ? 4 : 8)
        .tickSize(-(height - top - 8))
        .tickPadding(6),
    )
    .call((g) => g.select(".domain").remove());
  if (axis) svg.append("text").attr("class", "axis-title").attr("x", 0).attr("y", 9).text(axis);
  const rows = svg
    .selectAll("g.item")
    .data(items)
    .join("g")
    .attr("class", "item")
    .attr("transform", (_, i) => `translate(0,${top + row * i + 5})`);
  rows
    .append("text")
    .attr("x", left - 10)
    .attr("y", row / 2 - 5)
    .attr("text-anchor", "end")
    .attr("dominant-baseline", "central")
    .text((item) => item.title);
  if (right > 8) {
    rows
      .append("text")
      .attr("class", "muted")
      .attr("x", width)
      .attr("y", row / 2 - 5)
      .attr("text-anchor", "end")
      .attr("dominant-baseline", "central")
      .text((item) => item.note || "");
  }
  const bars = rows
    .selectAll("g.one")
    .data((item) => item.bars.filter((bar) => !missing(bar.value)).map((bar) => ({ ...bar, item })))
    .join("g")
    .attr("transform", (_, i) => `translate(0,${i * thick})`);
  bars
    .append("rect")
    .attr("class", (bar) => `bar mark ${bar.kind}`)
    .attr("x", left)
    .attr("height", thick - 2)
    .attr("rx", 1.5)
    .attr("width", (bar) => Math.max(1, x(bar.value) - left));
  // Twice: a light edge below lets the whisker be seen on its bar.
  const whiskers = bars.filter((bar) => !missing(bar.low) && !missing(bar.high));
  for (const name of ["whisker edge", "whisker"]) {
    whiskers
      .append("path")
      .attr("class", name)
      .attr(
        "d",
        (bar) =>
          `M${x(bar.low)},${thick / 2 - 1}H${x(bar.high)}M${x(bar.low)},${thick / 2 - 4}v6M${x(bar.high)},${thick / 2 - 4}v6`,
      );
  }
  withTips(bars, (bar) => [
    bar.item.title,
    `${bar.name}: ${format(bar.value)}`,
    !missing(bar.low) && `95% interval ${format(bar.low)} to ${format(bar.high)}`,
  ]);
  if (!missing(reference))
    svg
      .append("path")
      .attr("class", "reference")
      .attr("d", `M${x(reference)},${top}V${height - 6}`);
}

// The axis on the left, of values, its lines drawn through to the right edge, with its title above. d3's axis comes
// back from set(), for its own ticks.
function valueAxis(svg, y, { left, right, title, titleAt = 10, set }) {
  svg
    .append("g")
    .attr("transform", `translate(${left},0)`)
    .call(set(d3.axisLeft(y).tickSize(-(right - left)).tickPadding(8)))
    .call((g) => g.select(".domain").remove());
  svg.append("text").attr("class", "axis-title").attr("y", titleAt).text(title);
}

// The axis below, with its title at its right end, in a chart with `margin` around it.
function bottomAxis(svg, axis, { width, height, margin, title }) {
  svg
    .append("g")
    .attr("transform", `translate(0,${height - margin.bottom})`)
    .call(axis.tickSizeOuter(0));
  svg
    .append("text")
    .attr("class", "axis-title")
    .attr("x", width - margin.right)
    .attr("y", height - 6)
    .attr("text-anchor", "end")
    .text(title);
}

// Names with a swatch of their kind of bar, or of a colour.
function legend(entries) {
  return h(
    "ul",
    { class: "legend" },
    entries.map(({ text, kind, fill }) => {
      const swatch = d3.create("svg").attr("width", 12).attr("height", 12).attr("aria-hidden", "true");
      swatch
        .append("rect")
        .attr("width", 12)
        .attr("height", 12)
        .attr("rx", 2)
        .attr("class", kind ? `bar ${kind}` : null)
        .style("fill", fill || null);
      return h("li", null, swatch.node(), text);
    }),
  );
}
