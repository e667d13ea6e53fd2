// The page: header, theme, and the order of its parts.
// Not here: any part itself. This file comes last and starts everything.
// In: `DATA`. Out: the filled `main`, which gets `data-ready` when the charts are drawn.

function header() {
  document.title = `${DATA.title ?? "report"} · trialbox`;
  const facts = [
    DATA.dataset && `dataset ${DATA.dataset}`,
    DATA.semantics && `semantics ${DATA.semantics}`,
    DATA.problems != null && count(DATA.problems, "problem"),
    count(RUNS.length, "run"),
  ]
    .filter(Boolean)
    .join(" · ");
  return element(
    "header",
    { class: "top" },
    element("div", {}, element("h1", {}, strange(`${DATA.title ?? "Report"}`)), element("p", { class: "facts" }, facts)),
    themeButton(),
  );
}

/** Follows the system until pressed; then remembers. Where a page may keep nothing, it only lasts as long as the page. */
function themeButton() {
  const stored = () => {
    try {
      return localStorage.getItem("trialbox-theme");
    } catch {
      return null;
    }
  };
  const keep = (theme) => {
    try {
      localStorage.setItem("trialbox-theme", theme);
    } catch {
      /* See above. */
    }
  };
  const dark = () =>
    (document.documentElement.dataset.theme ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
  const set = (theme) => {
    document.documentElement.dataset.theme = theme;
  };
  if (["light", "dark"].includes(stored())) set(stored());
  const name = () => (dark() ? "Light" : "Dark");
  const button = element(
    "button",
    {
      type: "button",
      id: "theme",
      class: "controls",
      onclick: () => {
        set(dark() ? "light" : "dark");
        keep(document.documentElement.dataset.theme);
        button.textContent = name();
      },
    },
    name(),
  );
  return button;
}

function remarks() {
  const texts = DATA.remarks ?? [];
  return (
    texts.length > 0 &&
    element(
      "ul",
      { id: "remarks" },
      texts.map((text) => element("li", {}, strange(text))),
    )
  );
}

function start() {
  const main = document.getElementById("report");
  if (DATA.format !== 1) {
    main.replaceChildren(
      element("p", { class: "error" }, `This page reads reports of format 1, and these data say format ${DATA.format}.`),
    );
    return;
  }
  const parts = [
    header,
    remarks,
    summarySection,
    coverageSection,
    pairsSection,
    accuracySection,
    groupsSection,
    seriesSection,
    perplexitySection,
    problemsSection,
    manifestSection,
    methodSection,
  ]
    .map((part) => part())
    .filter(Boolean);
  main.replaceChildren(...parts);
  main.dataset.ready = performance.now().toFixed(0);
}

start();
