"use strict";
// Elements out of data. Text of queries and documents is hostile: it becomes text nodes and attribute values, never markup.

// h("p", {class: "how", onclick: f}, "text", element, [more]); what is null or false is left out.
function h(name, attributes, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children.flat(2).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

// Text in a direction of its own: nothing in it, not even an override, reaches what stands around it.
function isolated(name, text, language, attributes) {
  return h(name, { dir: "auto", lang: language || "und", ...attributes }, text);
}

function choice(label, options, chosen, onchange) {
  const select = h(
    "select",
    { onchange: () => onchange(select.value) },
    options.map(({ value, text }) => h("option", { value, selected: value === chosen }, text)),
  );
  return h("label", { class: "choice" }, h("span", null, label), select);
}

// columns: [{title, number, cell(row) -> text or element, class(row)}]; the first one heads its row.
function table(caption, columns, rows) {
  return h(
    "div",
    { class: "scroll", role: "region", "aria-label": caption, tabindex: 0 },
    h(
      "table",
      null,
      h("caption", null, caption),
      h(
        "thead",
        null,
        h(
          "tr",
          null,
          columns.map((column) => h("th", { scope: "col", class: column.number && "number" }, column.title)),
        ),
      ),
      h(
        "tbody",
        null,
        rows.map((row) =>
          h(
            "tr",
            null,
            columns.map((column, i) => {
              const classes = [column.number && "number", column.class && column.class(row)].filter(Boolean).join(" ");
              return h(i === 0 ? "th" : "td", { scope: i === 0 && "row", class: classes || null }, column.cell(row));
            }),
          ),
        ),
      ),
    ),
  );
}

// The numbers of a chart, made when somebody asks.
function numbersOf(title, make) {
  const details = h("details", { class: "numbers" }, h("summary", null, title));
  details.addEventListener("toggle", () => {
    if (details.open && details.children.length === 1) details.append(make());
  });
  return details;
}

// Empties a host and draws it anew; what had the focus and which details were open stays so, by their order. The height
// stays while it is empty, so that the page does not jump.
function drawAgain(host, draw) {
  const focusable = () => [...host.querySelectorAll("[tabindex], select, input, button, summary")];
  const focused = focusable().indexOf(document.activeElement);
  const open = [...host.querySelectorAll("details")].map((details) => details.open);
  tip.hide();
  host.style.minHeight = `${host.offsetHeight}px`;
  host.replaceChildren();
  draw(host);
  host.querySelectorAll("details").forEach((details, i) => (details.open = Boolean(open[i])));
  if (focused >= 0) focusable()[focused]?.focus({ preventScroll: true });
  host.style.minHeight = "";
}

// What is written: minus signs as such, nothing as a dash.
const missing = (value) => value === null || value === undefined || Number.isNaN(value);
const formatted = (format) => (value) => (missing(value) ? "–" : d3.format(format)(value).replace("-", "−"));
const fixed4 = formatted(".4f"),
  fixed3 = formatted(".3f"),
  fixed2 = formatted(".2f"),
  percent = formatted(".0%");
const signed = formatted("+.4f"),
  whole = formatted(",d");
const pValue = (p) => (missing(p) ? "–" : p < 0.001 ? "< 0.001" : p.toFixed(3));

const counted = (count, one, many) => `${whole(count)} ${count === 1 ? one : many}`;

function quantity(value) {
  if (missing(value)) return "–";
  if (value === 0) return "0";
  return value >= 1000 ? d3.format(".3s")(value) : Number(value.toPrecision(3)).toString();
}

function bytes(value) {
  if (missing(value)) return "–";
  const step = value >= 1e9 ? [1e9, "GB"] : value >= 1e6 ? [1e6, "MB"] : [1e3, "kB"];
  return `${Number((value / step[0]).toPrecision(3))} ${step[1]}`;
}

const languageNames = new Intl.DisplayNames(["en"], { type: "language", fallback: "code" });
function languageName(tag) {
  try {
    const name = languageNames.of(tag);
    return name === tag || name === undefined ? tag : `${name} (${tag})`;
  } catch {
    return tag; // "und-Latn" and the like are known, others may be no tag at all.
  }
}

// A note beside the pointer, or beside what has the focus. lines: the first is the head.
const tip = {
  show(lines, box) {
    const note = document.getElementById("tip");
    note.replaceChildren(...lines.filter(Boolean).map((line) => h("div", { dir: "auto" }, line)));
    note.hidden = false;
    const size = note.getBoundingClientRect();
    const left = Math.min(Math.max(8, box.left + box.width / 2 - size.width / 2), innerWidth - size.width - 8);
    const above = box.top - size.height - 8;
    note.style.left = `${left}px`;
    note.style.top = `${above > 8 ? above : box.bottom + 8}px`;
  },
  hide() {
    document.getElementById("tip").hidden = true;
  },
};

// Notes for the elements of a d3 selection.
function withTips(selection, lines) {
  return selection.each(function attach(datum) {
    const show = () => tip.show(lines(datum), this.getBoundingClientRect());
    this.addEventListener("pointerenter", show);
    this.addEventListener("focus", show);
    this.addEventListener("pointerleave", tip.hide);
    this.addEventListener("blur", tip.hide);
  });
}

// Makes the elements of a selection buttons: by pointer, Enter and space.
function asButtons(selection, label, press) {
  selection
    .attr("tabindex", 0)
    .attr("role", "button")
    .attr("aria-label", label)
    .each(function attach(datum) {
      this.addEventListener("click", () => press(datum));
      this.addEventListener("keydown", (event) => {
        if (event.key !== "Enter" && event.key !== " ") return;
        event.preventDefault();
        press(datum);
      });
    });
}
