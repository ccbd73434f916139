// Whose documents are seen, and what a fairer ranking would cost.

function drawFairness(host) {
  const cells = cellsHere().filter((cell) => cell.fairness),
    fairness = state.cell.fairness;
  if (cells.length === 0) {
    host.append(h("p", { class: "muted" }, "No cell of this collection has values of fairness."));
    return;
  }
  drawOwnShares(host, cells);
  if (fairness?.exposure) drawExposure(host, fairness);
  if (fairness?.dial?.length) drawDial(host, fairness.dial);
  host.append(
    h("h3", null, "All values"),
    h(
      "p",
      { class: "how" },
      "Overlap: the mean share of the first ranks that stays when the same question comes in another language, higher is more even. ",
      "Rank variance: how far apart the same document's translations are ranked, lower is more even.",
    ),
    table(
      `Over the first ${cells[0].fairness.depth ?? "few"} ranks, on ${state.collection}`,
      [
        { title: "cell", cell: (cell) => isolated("span", cell.label) },
        {
          title: "own language, times its fair share",
          number: true,
          cell: (cell) => fixed2(cell.fairness.own_language_share),
        },
        { title: "overlap between languages", number: true, cell: (cell) => fixed3(cell.fairness.overlap) },
        {
          title: "rank variance of parallel documents",
          number: true,
          cell: (cell) => fixed2(cell.fairness.rank_variance),
        },
        { title: state.measure, number: true, cell: (cell) => fixed4(valueOf(cell)) },
      ],
      cells,
    ),
  );
}

function drawOwnShares(host, cells) {
  host.append(h("h3", null, "Does a question's own language come first?"));
  const items = cells
    .filter((cell) => !missing(cell.fairness.own_language_share))
    .map((cell) => ({
      title: cell.label,
      note: `overlap ${fixed2(cell.fairness.overlap)}`,
      bars: [
        {
          value: cell.fairness.own_language_share,
          kind: cell === state.cell ? "chosen" : "other",
          name: "times its fair share",
        },
      ],
    }));
  if (items.length === 0) return;
  barChart(host, "own-share-bars", {
    items,
    label: "Share of the question's own language",
    axis: "times its fair share",
    reference: 1,
    format: fixed2,
    caption:
      "How many times its fair share the language of the question takes; at the dashed line it takes what is fair",
  });
}

// A row a language of question, a segment a language of document; on top the fair shares.
function drawExposure(host, { exposure, fair_exposure: fair }) {
  host.append(h("h3", null, "Which languages take the exposure?"));
  const documents = Object.keys(fair || Object.values(exposure)[0] || {}).sort();
  const rows = Object.entries(exposure).map(([language, shares]) => ({
    language,
    title: languageName(language),
    shares,
  }));
  if (fair) rows.unshift({ language: null, title: "fair shares", shares: fair });
  const width = widthOf(host),
    left = 14 + d3.max(rows, (row) => textWidth(row.title)),
    tall = 22,
    top = 22;
  const x = d3.scaleLinear([0, 1], [left, width - 10]);
  const segments = rows.flatMap((row, y) => {
    let from = 0;
    return documents.map((document, number) => {
      const share = row.shares[document] || 0,
        segment = { row, y: y + (fair && y > 0 ? 0.4 : 0), document, number, share, from };
      from += share;
      return segment;
    });
  });
  host.append(legend(documents.map((tag, number) => ({ text: tag, fill: categoryFill(number) }))));
  const height = top + (rows.length + 0.4) * tall + 4;
  const svg = chart(host, "exposure-bars", {
    width,
    height,
    label: "Shares of the exposure by language of the question",
    caption: `Exposure in rankings of ${state.cell.label}: a row is the language of the question, a colour that of the documents; the frame marks the question's own language`,
  });
  svg
    .append("g")
    .attr("transform", `translate(0,${top})`)
    .call(
      d3
        .axisTop(x)
        .ticks(5, "%")
        .tickSize(-(height - top - 4)),
    )
    .call((g) => g.select(".domain").remove());
  svg
    .selectAll("text.row")
    .data(rows)
    .join("text")
    .attr("class", "row")
    .attr("x", left - 10)
    .attr("text-anchor", "end")
    .attr("dominant-baseline", "central")
    .attr("y", (_, y) => top + tall * (y + (fair && y > 0 ? 0.4 : 0) + 0.5))
    .text((row) => row.title);
  const group = svg
    .selectAll("g.one")
    .data(segments.filter((segment) => segment.share > 0))
    .join("g")
    .attr("class", "one")
    .attr("transform", (s) => `translate(${x(s.from)},${top + tall * s.y + 2})`);
  const wide = (segment) => x(segment.share) - x(0);
  group
    .append("rect")
    .attr("class", "segment mark")
    .attr("width", wide)
    .attr("height", tall - 4)
    .style("fill", (s) => categoryFill(s.number));
  group
    .filter((s) => wide(s) > textWidth(s.document, 11) + 4)
    .append("text")
    .attr("class", "segment-label")
    .attr("x", (s) => wide(s) / 2)
    .attr("y", tall / 2 - 2)
    .text((s) => s.document);
  group
    .filter((s) => s.document === s.row.language)
    .append("rect")
    .attr("class", "own")
    .attr("x", 1)
    .attr("y", 0)
    .attr("width", (s) => Math.max(1, wide(s) - 2))
    .attr("height", tall - 4);
  withTips(group, (s) => [
    s.row.language ? `Question in ${languageName(s.row.language)}` : "Fair shares",
    `documents in ${languageName(s.document)}: ${percent(s.share)}`,
    fair && `fair: ${percent(fair[s.document])}`,
  ]);
  host.append(
    numbersOf("The numbers as a table", () =>
      table(
        "Shares of the exposure",
        [
          { title: "question", cell: (row) => row.title },
          ...documents.map((document) => ({
            title: document,
            number: true,
            cell: (row) => percent(row.shares[document]),
          })),
        ],
        rows,
      ),
    ),
  );
}

function drawDial(host, dial) {
  host.append(h("h3", null, "What would fairer shares cost?"));
  host.append(
    h(
      "p",
      { class: "how" },
      `Turning the dial moves the rankings of ${state.cell.label} from as they are (0) to fair shares (1); on the left what that costs, on the right what it brings.`,
    ),
  );
  const columns = host.appendChild(h("div", { class: "columns" }));
  dialChart(columns, dial, (point) => point.values[state.measure], `↑ ${state.measure}`, fixed3);
  dialChart(columns, dial, (point) => point.own_language_share, "↑ times its fair share", fixed2);
}

function dialChart(columns, dial, of, title, format) {
  const points = dial.map((point) => ({ dial: point.dial, value: of(point) })).filter((point) => !missing(point.value));
  if (points.length === 0) return;
  const host = columns.appendChild(h("div"));
  const width = widthOf(host),
    height = 210,
    margin = { left: 46, right: 14, top: 24, bottom: 40 };
  const x = d3.scaleLinear([0, 1], [margin.left, width - margin.right]);
  const y = d3
    .scaleLinear(
      d3.extent(points, (p) => p.value),
      [height - margin.bottom, margin.top],
    )
    .nice(4);
  const svg = chart(host, "dial", { width, height, label: `${title.slice(2)} by the dial` });
  bottomAxis(svg, d3.axisBottom(x).ticks(5), { width, height, margin, title: "dial →" });
  valueAxis(svg, y, { left: margin.left, right: width - margin.right, title, set: (axis) => axis.ticks(4) });
  svg
    .append("path")
    .attr("class", "line")
    .attr(
      "d",
      d3
        .line()
        .x((p) => x(p.dial))
        .y((p) => y(p.value))(points),
    );
  const dots = svg
    .selectAll("circle")
    .data(points)
    .join("circle")
    .attr("class", "dot mark")
    .attr("r", 4)
    .attr("cx", (p) => x(p.dial))
    .attr("cy", (p) => y(p.value));
  withTips(dots, (p) => [`dial ${p.dial}`, `${title.slice(2)}: ${format(p.value)}`]);
}
