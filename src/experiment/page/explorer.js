// Which queries won and lost between two cells. Single queries lie in a block a cell, read when first asked for; of the
// list only a part is ever made.

const QUERIES_AT_ONCE = 100;
const explorer = { language: "", text: "", order: "gain", query: null, shown: QUERIES_AT_ONCE };

function perQueryOf(cell) {
  if (cell.perQuery === undefined) {
    const block = document.getElementById(`per-query-${cell.number}`);
    cell.perQuery = block ? JSON.parse(block.textContent) : null;
  }
  return cell.perQuery;
}

const plainText = (text) => text.normalize("NFKC").toLowerCase();
const queriesHere = () => results.queries?.[state.collection] || [];

// The queries both cells answered, as the filters and the order ask.
function duels() {
  const one = perQueryOf(state.cell) || {},
    two = perQueryOf(state.other) || {},
    wanted = plainText(explorer.text);
  const rows = queriesHere()
    .filter(
      (query) =>
        (!explorer.language || query.language === explorer.language) &&
        (!wanted || plainText(query.text).includes(wanted) || plainText(query.id).includes(wanted)),
    )
    .map((query) => ({
      query,
      value: one[query.id]?.values[state.measure],
      before: two[query.id]?.values[state.measure],
    }))
    .filter((row) => !missing(row.value) && !missing(row.before));
  for (const row of rows) row.difference = row.value - row.before;
  return rows.sort((a, b) => b.difference - a.difference || (a.query.id < b.query.id ? -1 : 1));
}

const inOrder = (rows) =>
  ({
    gain: () => rows,
    loss: () => [...rows].reverse(),
    worst: () => [...rows].sort((a, b) => a.value - b.value),
  })[explorer.order]();
const sideOf = (difference) => (difference > 1e-9 ? "better" : difference < -1e-9 ? "worse" : "tied");

function drawExplorer(host) {
  if (!perQueryOf(state.cell) || !perQueryOf(state.other) || queriesHere().length === 0) {
    host.append(h("p", { class: "muted" }, "These results hold no single queries."));
    return;
  }
  const languages = [...new Set(queriesHere().map((query) => query.language))].sort();
  if (!languages.includes(explorer.language)) explorer.language = "";
  const refresh = () => {
    explorer.shown = QUERIES_AT_ONCE;
    fill();
  };
  const find = h("input", {
    type: "search",
    value: explorer.text,
    placeholder: "text or id",
    dir: "auto",
    oninput: () => {
      explorer.text = find.value;
      refresh();
    },
  });
  const chartHost = h("div"),
    list = h("ul", { class: "queries", role: "listbox", tabindex: 0, "aria-label": "Queries" }),
    detail = h("div", { class: "detail", role: "region", "aria-label": "Both rankings of the chosen query" });
  host.append(
    h(
      "div",
      { class: "controls" },
      choice(
        "Language",
        [{ value: "", text: "all" }, ...languages.map((tag) => ({ value: tag, text: languageName(tag) }))],
        explorer.language,
        (tag) => {
          explorer.language = tag;
          refresh();
        },
      ),
      h("label", { class: "choice" }, h("span", null, "Find"), find),
      choice(
        "List begins with",
        [
          { value: "gain", text: "largest gain" },
          { value: "loss", text: "largest loss" },
          { value: "worst", text: "lowest value" },
        ],
        explorer.order,
        (order) => {
          explorer.order = order;
          refresh();
        },
      ),
    ),
    chartHost,
    h("div", { class: "explorer-lists" }, list, detail),
  );

  let rows = [],
    listed = [];
  function fill() {
    rows = duels();
    listed = inOrder(rows);
    if (!listed.some((row) => row.query === explorer.query)) explorer.query = listed[0]?.query || null;
    chartHost.replaceChildren();
    drawScoreboard(chartHost, rows);
    if (rows.length > 0) drawDifferences(chartHost, rows, choose);
    fillList();
    drawDuel(
      detail,
      rows.find((row) => row.query === explorer.query),
      choose,
    );
  }
  function fillList() {
    list.replaceChildren(...listed.slice(0, explorer.shown).map((row, i) => queryItem(row, i, choose)));
    if (explorer.shown < listed.length) {
      list.append(
        h(
          "li",
          {
            class: "more",
            role: "presentation",
            onclick: () => {
              explorer.shown += 5 * QUERIES_AT_ONCE;
              fillList();
            },
          },
          `show more of ${whole(listed.length)}`,
        ),
      );
    }
    mark();
  }
  function mark() {
    for (const item of list.querySelectorAll("[role=option]"))
      item.setAttribute("aria-selected", String(item.row.query === explorer.query));
    const chosen = list.querySelector("[aria-selected=true]");
    if (chosen) list.setAttribute("aria-activedescendant", chosen.id);
    else list.removeAttribute("aria-activedescendant");
    chartHost.querySelector("svg.differences")?.showChosen?.(explorer.query);
  }
  function choose(query) {
    explorer.query = query;
    const at = listed.findIndex((row) => row.query === query);
    if (at >= explorer.shown) {
      explorer.shown = at + 1;
      fillList();
    }
    mark();
    const item = list.querySelector("[aria-selected=true]");
    if (item)
      list.scrollTop = Math.min(
        Math.max(list.scrollTop, item.offsetTop + item.offsetHeight - list.clientHeight),
        item.offsetTop,
      );
    drawDuel(
      detail,
      rows.find((row) => row.query === query),
      choose,
    );
  }
  list.addEventListener("keydown", (event) => {
    const at = listed.findIndex((row) => row.query === explorer.query);
    const to = {
      ArrowDown: at + 1,
      ArrowUp: at - 1,
      PageDown: at + 10,
      PageUp: at - 10,
      Home: 0,
      End: listed.length - 1,
    }[event.key];
    if (to === undefined || listed.length === 0) return;
    event.preventDefault();
    choose(listed[Math.min(listed.length - 1, Math.max(0, to))].query);
  });
  fill();
}

function queryItem(row, i, choose) {
  const item = h(
    "li",
    { role: "option", id: `query-${i}`, onclick: () => choose(row.query) },
    isolated("span", row.query.text, row.query.language, { class: "text" }),
    h("span", { class: `number ${sideOf(row.difference)}` }, formatted("+.3f")(row.difference)),
    h("span", { class: "language" }, languageName(row.query.language)),
  );
  item.row = row;
  return item;
}

function drawScoreboard(host, rows) {
  const count = (side) => rows.filter((row) => sideOf(row.difference) === side).length;
  host.append(
    h(
      "p",
      { class: "scoreboard", "aria-live": "polite" },
      isolated("strong", state.cell.label),
      " against ",
      isolated("strong", state.other.label),
      ` by ${state.measure}: `,
      h("span", { class: "better" }, `${whole(count("better"))} won`),
      ", ",
      h("span", { class: "worse" }, `${whole(count("worse"))} lost`),
      `, ${whole(count("tied"))} tied`,
    ),
  );
}

// A path a side, so that thousands of bars are two elements; the pointer finds its bar by position.
function drawDifferences(host, rows, choose) {
  const width = widthOf(host),
    height = 170,
    left = 46;
  const x = d3.scaleLinear([0, rows.length], [left, width]);
  const reach = d3.max(rows, (row) => Math.abs(row.difference)) || 1;
  const y = d3.scaleLinear([-reach, reach], [height - 8, 22]).nice();
  const svg = chart(host, "differences", {
    width,
    height,
    label: `Difference in ${state.measure} of each of ${rows.length} queries, sorted`,
  });
  valueAxis(svg, y, {
    left: left - 4,
    right: width,
    title: `↑ gain in ${state.measure}`,
    set: (axis) => axis.ticks(5).tickFormat(formatted("+.1f")).tickPadding(6),
  });
  const thick = Math.max(0.6, (x(1) - x(0)) * 0.8),
    zero = y(0);
  for (const side of ["better", "worse"]) {
    const path = d3.path();
    rows.forEach((row, i) => {
      if (sideOf(row.difference) === side)
        path.rect(x(i), Math.min(zero, y(row.difference)), thick, Math.abs(y(row.difference) - zero));
    });
    svg.append("path").attr("class", `bar mark ${side}`).attr("d", path.toString());
  }
  svg
    .append("path")
    .attr("class", "reference")
    .style("stroke-dasharray", "none")
    .attr("d", `M${left},${zero}H${width}`);
  const pointer = svg.append("path").attr("fill", "none").style("stroke", "var(--ink)").style("stroke-width", "1.5px");
  svg.node().showChosen = (query) => {
    const at = rows.findIndex((row) => row.query === query),
      middle = x(at) + thick / 2;
    pointer.attr("d", at < 0 ? null : `M${middle},${height - 6}l-5,8h10zM${middle},${height - 8}V22`);
  };
  const rowAt = (event) => {
    const box = svg.node().getBoundingClientRect(),
      at = Math.floor(x.invert(((event.clientX - box.left) * width) / box.width));
    return rows[Math.min(rows.length - 1, Math.max(0, at))];
  };
  const element = svg.style("cursor", "pointer").node();
  element.addEventListener("click", (event) => choose(rowAt(event).query));
  element.addEventListener("pointerleave", tip.hide);
  element.addEventListener("pointermove", (event) => {
    const row = rowAt(event);
    tip.show(
      [
        row.query.text,
        `${languageName(row.query.language)}: ${signed(row.difference)}`,
        `${fixed4(row.before)} → ${fixed4(row.value)}`,
      ],
      { left: event.clientX, top: event.clientY - 12, width: 0, bottom: event.clientY + 12 },
    );
  });
}
