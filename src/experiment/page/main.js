// The page: its head, what can be chosen for all charts, and drawing each section when it comes into view.

const SECTIONS = {
  overview: drawOverview,
  grid: drawGrid,
  cost: drawCost,
  languages: drawLanguages,
  pairs: drawPairs,
  comparisons: drawComparisons,
  fairness: drawFairness,
  expected: drawExpected,
  explorer: drawExplorer,
};
// Those that have nothing to say are not there.
const EMPTY = {
  cost: () => results.cells.every((cell) => !cell.cost),
  comparisons: () => results.comparisons.length === 0,
  fairness: () => results.cells.every((cell) => !cell.fairness),
  expected: () => results.expected.length === 0,
  explorer: () => !results.queries,
  pairs: () => results.cells.every((cell) => !cell.effectiveness.by_pair),
};

function drawHead() {
  document.getElementById("name").replaceChildren(isolated("span", results.name));
  document.getElementById("description").replaceChildren(isolated("span", results.description || ""));
  const button = document.getElementById("theme"),
    root = document.documentElement,
    dark = matchMedia("(prefers-color-scheme: dark)");
  const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : dark.matches);
  const name = () => {
    button.textContent = isDark() ? "Light theme" : "Dark theme";
  };
  button.addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    name();
  });
  dark.addEventListener("change", name);
  name();
}

function drawToolbar() {
  const cells = cellsHere().map((cell) => ({
    value: cell.id,
    text: cell.label + (cell === baselineOf(state.collection) ? " (baseline)" : ""),
  }));
  const names = (list) => list.map((name) => ({ value: name, text: name }));
  // A choice that is being changed by keyboard keeps the focus.
  const toolbar = document.getElementById("toolbar"),
    focused = [...toolbar.querySelectorAll("select")].indexOf(document.activeElement);
  toolbar.replaceChildren(
    ...(results.collections.length > 1
      ? [
          choice("Collection", names(results.collections.map((c) => c.name)), state.collection, (name) =>
            state.set(choicesFor(name)),
          ),
        ]
      : []),
    choice("Measure", names(results.measures), state.measure, (measure) => state.set({ measure })),
    choice("System", cells, state.cell.id, (id) => state.set({ cell: cellById.get(id) })),
    choice("Compared with", cells, state.other.id, (id) => state.set({ other: cellById.get(id) })),
  );
  toolbar.querySelectorAll("select")[focused]?.focus();
}

function start() {
  drawHead();
  Object.assign(state, choicesFor(state.collection));
  const sections = [];
  for (const [id, draw] of Object.entries(SECTIONS)) {
    const element = document.getElementById(id);
    if (EMPTY[id]?.()) {
      element.remove();
      continue;
    }
    document.getElementById("contents").append(h("li", null, h("a", { href: `#${id}` }, element.dataset.title)));
    sections.push({ element, draw, host: element.querySelector(".content"), stale: true, visible: false });
  }
  const shown = h("p", { class: "shown muted" });
  document.getElementById("grid").prepend(shown);

  const redraw = (section) => {
    if (!section.stale) return;
    section.stale = false;
    drawAgain(section.host, section.draw);
  };
  const drawVisible = () => sections.filter((section) => section.visible).forEach(redraw);
  const drawAll = () => sections.forEach(redraw);
  const outdate = () => {
    for (const section of sections) section.stale = true;
    shown.textContent = `Shown: ${state.measure} on ${state.collection}; system ${state.cell.label}, compared with ${state.other.label}.`;
    drawToolbar();
    drawVisible();
  };
  const observer = new IntersectionObserver(
    (entries) => {
      for (const entry of entries)
        sections.find((section) => section.element === entry.target).visible = entry.isIntersecting;
      drawVisible();
    },
    { rootMargin: "600px" },
  );
  for (const section of sections) observer.observe(section.element);

  state.listeners.push(outdate);
  outdate();
  let width = innerWidth,
    waiting = 0;
  addEventListener("resize", () => {
    if (innerWidth === width) return;
    width = innerWidth;
    clearTimeout(waiting);
    waiting = setTimeout(outdate, 150);
  });
  addEventListener("beforeprint", drawAll);
  addEventListener("keydown", (event) => {
    if (event.key === "Escape") tip.hide();
  });
  document.documentElement.dataset.ready = "true";
}

start();
