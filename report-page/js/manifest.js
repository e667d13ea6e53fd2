// What the runs were and how the numbers were made: a summary of runs, manifests side by side, methods.
// Not here: the numbers themselves.
// In: `RUNS`, `DATA.method`. Out: sections.

function summarySection() {
  if (RUNS.length === 0) return null;
  const last = (run) => ends(run)[1];
  const n = new Set(RUNS.map((run) => last(run).k)).size === 1 ? last(RUNS[0]).k : "n";
  const head = ["run", "model", "samples per problem", "solved", "pass@1", `pass@${n}`, "infra errors"];
  const rows = RUNS.map((run) => {
    const cells = [
      run.model ?? "–",
      sampleRange(run),
      run.solved == null ? "–" : `${run.solved} (${percent(run.solved / DATA.problems)})`,
      ...ends(run).map(
        (point, index) => `${percentWithin(point.value, point.problems)}${n === "n" && index === 1 ? ` (n = ${point.k})` : ""}`,
      ),
      `${run.infra_errors ?? "–"}`,
    ];
    return [runName(run.name), ...cells];
  });
  return element("section", { "aria-label": "Runs" }, table(head, rows, { class: "summary", id: "summary" }));
}

/** `{"a": {"b": 1}}` as `a.b` and `1`. A list is a value. */
function flatten(value, path = "") {
  if (value === null || typeof value !== "object" || Array.isArray(value))
    return [[path, typeof value === "string" ? value : JSON.stringify(value)]];
  return Object.entries(value).flatMap(([key, inner]) => flatten(inner, path ? `${path}.${key}` : key));
}

function manifestSection() {
  const maps = RUNS.map((run) => new Map(flatten(run.manifest ?? {}).filter(([path]) => path)));
  const paths = [...new Set(maps.flatMap((map) => [...map.keys()]))];
  if (paths.length === 0) return null;
  const differs = (path) => new Set(maps.map((map) => map.get(path))).size > 1;
  const row = (path) =>
    element(
      "tr",
      { class: differs(path) && "differs" },
      element("th", { scope: "row" }, strange(path)),
      maps.map((map) => element("td", {}, map.has(path) ? strange(map.get(path)) : "–")),
    );
  const different = paths.filter(differs).length;
  return element(
    "section",
    { "aria-label": "Manifests" },
    element(
      "details",
      { id: "manifests" },
      element(
        "summary",
        {},
        `Manifests: what it takes to repeat ${RUNS.length === 1 ? "this run" : `these runs (${count(different, "line differs", "lines differ")}, in bold)`}`,
      ),
      element(
        "div",
        { class: "scroll" },
        element(
          "table",
          { class: "manifest" },
          element(
            "thead",
            {},
            element(
              "tr",
              {},
              element("th", { scope: "col" }, ""),
              RUNS.map((run) => element("th", { scope: "col" }, runName(run.name))),
            ),
          ),
          element("tbody", {}, paths.map(row)),
        ),
      ),
    ),
  );
}

function methodSection() {
  const parts = Object.entries(DATA.method ?? {}).filter(([, text]) => text);
  const titles = {
    problems: "Intervals over problems",
    samples: "Intervals over samples",
    crossing: "Crossing",
    extrapolation: "Extrapolation",
  };
  return (
    parts.length > 0 &&
    element(
      "section",
      { id: "method", "aria-label": "Methods" },
      element("h2", {}, "Methods"),
      element(
        "dl",
        {},
        parts.map(([key, text]) => [element("dt", {}, titles[key] ?? key), element("dd", {}, text)]),
      ),
    )
  );
}
