// One query: what both cells ranked, and where the same document stands on the other side.

function drawDuel(host, row, choose) {
  if (!row) {
    host.replaceChildren(h("p", { class: "muted" }, "No query is left by these filters."));
    return;
  }
  const { query } = row;
  const other = perQueryOf(state.other)[query.id],
    one = perQueryOf(state.cell)[query.id];
  const left = side(state.other, other, one, row.before),
    right = side(state.cell, one, other, row.value);
  const links = d3.create("svg").attr("data-chart", "links").attr("aria-hidden", "true").node();
  right.classList.add("right");
  const duel = h("div", { class: "duel" }, links, left, right);
  host.replaceChildren(
    isolated("p", query.text, query.language, { class: "question" }),
    h(
      "p",
      { class: "muted" },
      `${languageName(query.language)}, query `,
      isolated("code", query.id),
      `: ${state.measure} ${fixed4(row.before)} → ${fixed4(row.value)}, `,
      h("span", { class: sideOf(row.difference) }, signed(row.difference)),
    ),
    siblingsOf(query, choose),
    duel,
  );
  const draw = () => drawLinks(links, left, right);
  duel.addEventListener("pointerover", (event) =>
    highlight(duel, event.target.closest("[data-document]")?.dataset.document),
  );
  duel.addEventListener("pointerleave", () => highlight(duel, undefined));
  new ResizeObserver(draw).observe(duel);
  draw();
}

// The same question in other languages, with what it gained there.
function siblingsOf(query, choose) {
  const siblings = query.question === undefined ? [] : queriesHere().filter((one) => one.question === query.question);
  if (siblings.length < 2) return null;
  const value = (cell, id) => perQueryOf(cell)[id]?.values[state.measure];
  return h(
    "ul",
    { class: "siblings", "aria-label": "The same question in other languages" },
    siblings.map((one) => {
      const difference = value(state.cell, one.id) - value(state.other, one.id);
      return h(
        "li",
        null,
        h(
          "button",
          {
            type: "button",
            "aria-pressed": String(one === query),
            title: languageName(one.language),
            onclick: () => choose(one),
          },
          `${one.language} `,
          h("span", { class: sideOf(difference) }, formatted("+.2f")(difference)),
        ),
      );
    }),
  );
}

function gradeOf(grade) {
  if (missing(grade)) return h("span", { class: "grade" }, "not judged");
  return h(
    "span",
    { class: `grade ${grade > 0 ? "relevant" : ""}` },
    grade > 0 ? `● relevant (${grade})` : "○ not relevant",
  );
}

// About what two lines hold; a longer text has a button that shows it whole.
const SNIPPET_SHOWN = 80;

function wholeText() {
  const button = h(
    "button",
    { type: "button", class: "whole", "aria-expanded": "false", "aria-label": "whole text" },
    "…",
  );
  button.addEventListener("click", () => {
    const open = button.closest("li").classList.toggle("open");
    button.setAttribute("aria-expanded", String(open));
  });
  return button;
}

function side(cell, answer, otherAnswer, value) {
  const documents = results.documents?.[state.collection] || {};
  const elsewhere = new Map((otherAnswer?.hits || []).map(([id], rank) => [id, rank + 1]));
  return h(
    "div",
    null,
    h(
      "h3",
      null,
      isolated("span", cell.label),
      h(
        "span",
        { class: "muted" },
        ` ${fixed4(value)}`,
        cell.rerank !== "none" && !missing(answer?.wall_ms) && `, reranked in ${quantity(answer.wall_ms / 1000)} s`,
      ),
    ),
    h(
      "ol",
      { class: "hits" },
      (answer?.hits || []).map(([id, score, grade], rank) => {
        const document_ = documents[id] || {},
          there = elsewhere.get(id);
        return h(
          "li",
          { "data-document": id, "data-shared": there !== undefined, "data-relevant": grade > 0 },
          h(
            "div",
            { class: "head" },
            h("span", { class: "rank" }, `${rank + 1}`),
            document_.language && h("span", { title: languageName(document_.language) }, document_.language),
            h("span", null, quantityOfScore(score)),
            (document_.text?.length ?? 0) > SNIPPET_SHOWN && wholeText(),
            gradeOf(grade),
          ),
          document_.title && isolated("div", document_.title, document_.language, { class: "title" }),
          document_.text && isolated("div", document_.text, document_.language, { class: "snippet" }),
          !document_.title && !document_.text && isolated("div", id, null, { class: "title" }),
          h(
            "div",
            { class: "elsewhere" },
            there === undefined ? "not in the other's first ten" : `rank ${there} in the other`,
          ),
        );
      }),
    ),
  );
}

const quantityOfScore = (score) =>
  (Math.abs(score) >= 1000 ? d3.format(".3s")(score) : String(Number(score.toPrecision(4)))).replace("-", "−");

function drawLinks(svg, left, right) {
  const box = svg.getBoundingClientRect();
  const onRight = new Map([...right.querySelectorAll("[data-document]")].map((item) => [item.dataset.document, item]));
  const pairs = [...left.querySelectorAll("[data-shared]")]
    .map((item) => [item, onRight.get(item.dataset.document)])
    .filter((pair) => pair[1]);
  const middle = (item) => {
    const own = item.getBoundingClientRect();
    return own.top + own.height / 2 - box.top;
  };
  const path = d3.linkHorizontal();
  d3.select(svg)
    .selectAll("path")
    .data(pairs)
    .join("path")
    .attr("class", ([item]) => `link mark${item.dataset.relevant !== undefined ? " relevant" : ""}`)
    .attr("data-document", ([item]) => item.dataset.document)
    .attr("d", ([a, b]) =>
      path({
        source: [a.getBoundingClientRect().right - box.left, middle(a)],
        target: [b.getBoundingClientRect().left - box.left, middle(b)],
      }),
    );
}

function highlight(duel, id) {
  for (const element of duel.querySelectorAll("[data-document]"))
    element.classList.toggle("shared-hover", id !== undefined && element.dataset.document === id);
}
