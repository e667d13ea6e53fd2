// Groups of problems: pass@1 and pass@n by difficulty, platform and month.
// Not here: the groups' histograms (`accuracy.js`).
// In: the `groups` of `RUNS`. Out: a section.

function groupKeys() {
  return [...new Set(RUNS.flatMap((run) => Object.keys(run.groups ?? {})))];
}

const FROM_EASY = ["easy", "medium", "hard"];

/** Names of a key's groups in the order that the data has; months sorted, difficulties from easy to hard. */
function groupNames(key) {
  const names = [...new Set(RUNS.flatMap((run) => (run.groups?.[key] ?? []).map((group) => group.name)))];
  if (key === "month") return names.sort();
  return names.sort((a, b) => FROM_EASY.indexOf(a) - FROM_EASY.indexOf(b));
}

function groupsSection() {
  const keys = groupKeys().filter((key) => groupNames(key).length > 0);
  if (keys.length === 0) return null;
  return element(
    "section",
    { "aria-label": "Groups" },
    element("h2", {}, "By group"),
    keys.map((key) => groupFigure(key)),
  );
}

function groupFigure(key) {
  const names = groupNames(key);
  const rows = RUNS.flatMap((run) =>
    (run.groups?.[key] ?? []).map((group) => ({
      run: run.name,
      group: group.name,
      problems: group.problems,
      first: group.pass_at_1,
      last: group.pass_at_n,
    })),
  );
  const size = (name) => rows.find((row) => row.group === name).problems;
  return figure({
    id: `group-${key}`,
    title: `pass@1 and pass@n by ${key}`,
    label: `pass@1 and pass@n by ${key}. ${rows.map((row) => `${row.group}, ${row.run}: ${percent(row.first)} and ${percent(row.last)}`).join("; ")}.`,
    chart: key === "month" ? monthChart(names, rows) : rangeChart(names, rows),
    caption:
      key === "month"
        ? "Open marks, thin lines: pass@1. Filled marks: pass@n."
        : "From pass@1 (open mark) to pass@n (filled mark).",
    head: [key, "problems", ...RUNS.flatMap((run) => [`${run.name} pass@1`, `${run.name} pass@n`])],
    rows: names.map((name) => [
      name,
      `${size(name)}`,
      ...RUNS.flatMap((run) => {
        const row = rows.find((candidate) => candidate.group === name && candidate.run === run.name);
        return [percent(row?.first), percent(row?.last)];
      }),
    ]),
  });
}

function groupValues(row, end) {
  return { run: row.run, group: row.group, end, value: row[end] };
}

function rangeChart(names, rows) {
  const label = (name) => `${shorten(name, 18)} (${rows.find((row) => row.group === name).problems})`;
  return plot({
    width: WIDE,
    height: 56 + names.length * (14 + 20 * RUNS.length),
    marginLeft: 30 + 7 * Math.max(...RUNS.map((run) => shortName(run.name).length)),
    marginRight: 24 + 7.5 * Math.max(...names.map((name) => label(name).length)),
    marginTop: 8,
    marginBottom: 40,
    x: { ...axisOfPercent([0, 1], "pass@1 to pass@n (%)"), labelAnchor: "center" },
    y: { type: "band", domain: RUNS.map((run) => run.name), label: null, tickFormat: shortName, tickSize: 0 },
    fy: { domain: names, label: null, tickFormat: label },
    marks: [
      ...RUNS.flatMap((run) => {
        const own = rows.filter((row) => row.run === run.name);
        const { colour, symbol } = look(run.name);
        const place = { y: "run", fy: "group" };
        return [
          Plot.ruleY(own, { ...place, x1: "first", x2: "last", stroke: colour, strokeWidth: 2 }),
          Plot.dot(own, {
            ...place,
            x: "first",
            stroke: colour,
            fill: "var(--paper)",
            symbol,
            r: 4.5,
            strokeWidth: 2,
            render: valued(own, "points", (row) => groupValues(row, "first")),
          }),
          Plot.dot(own, {
            ...place,
            x: "last",
            fill: colour,
            symbol,
            r: 5,
            render: valued(own, "points", (row) => groupValues(row, "last")),
          }),
        ];
      }),
      pointerText(rows, {
        x: "last",
        y: "run",
        fy: "group",
        title: (row) => `${row.run}, ${row.group}\npass@1 ${percent(row.first)}\npass@n ${percent(row.last)}`,
      }),
    ],
  });
}

function monthChart(names, rows) {
  const inOrder = (run) =>
    rows.filter((row) => row.run === run.name).sort((a, b) => names.indexOf(a.group) - names.indexOf(b.group));
  const labels = RUNS.map((run) => ({ run, last: inOrder(run).at(-1) }))
    .filter(({ last }) => last)
    .map(({ run, last }) => ({ name: run.name, text: shortName(run.name), x: last.group, y: last.last }));
  const every = Math.ceil(names.length / MOST_TICKS);
  return plot({
    width: WIDE,
    height: 320,
    marginLeft: 52,
    marginRight: 24 + 8 * Math.max(...labels.map((label) => label.text.length)),
    marginBottom: 44,
    marginTop: 26,
    x: {
      type: "point",
      domain: names,
      label: "month",
      labelAnchor: "center",
      labelArrow: "none",
      ticks: names.filter((_, index) => index % every === 0),
    },
    y: axisOfPercent([0, 1], "pass@1 and pass@n (%)"),
    marks: [
      ...RUNS.flatMap((run) => {
        const own = inOrder(run);
        const { colour, dash, symbol } = look(run.name);
        return [
          Plot.lineY(own, { x: "group", y: "first", stroke: colour, strokeWidth: 1, strokeDasharray: dash }),
          Plot.lineY(own, { x: "group", y: "last", stroke: colour, strokeWidth: 2.2, strokeDasharray: dash }),
          Plot.dot(own, {
            x: "group",
            y: "first",
            stroke: colour,
            fill: "var(--paper)",
            symbol,
            r: 3.5,
            render: valued(own, "points", (row) => groupValues(row, "first")),
          }),
          Plot.dot(own, {
            x: "group",
            y: "last",
            fill: colour,
            symbol,
            r: 3.5,
            render: valued(own, "points", (row) => groupValues(row, "last")),
          }),
        ];
      }),
      ...endLabels(labels, [0, 1], 250),
    ],
  });
}
