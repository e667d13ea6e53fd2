// Coverage: pass@k of every run against k, with its bands and how it may go on beyond n.
// Not here: differences of two runs (`pairs.js`), the marks' tools (`chart.js`).
// In: `RUNS`. Out: a section.

function coverageSection() {
  const rows = RUNS.flatMap((run) => run.curve.map((point) => ({ run: run.name, ...point })));
  const beyond = RUNS.flatMap((run) => (run.extrapolated?.points ?? []).map((point) => ({ run: run.name, ...point })));
  if (rows.length === 0) return null;
  const sure = rows.some((row) => row.problems != null);
  const drawn = figure({
    id: "coverage",
    title: "Coverage: pass@k against k",
    label: coverageLabel(),
    chart: coverageChart(rows, beyond),
    caption: coverageCaption(sure, beyond.length > 0),
    head: ["k", ...RUNS.map((run) => run.name)],
    rows: coverageNumbers(rows, beyond),
    controls: sure && bandControls(),
  });
  drawn.dataset.bands = BANDS_AT_FIRST;
  drawn.append(...extrapolationNotes());
  return element("section", { "aria-label": "Coverage" }, drawn);
}

function coverageChart(rows, beyond) {
  const height = 470;
  const [marginTop, marginBottom] = [28, 44];
  const domain = fromZero([...rows, ...beyond].flatMap((row) => [row.value, ...(row.problems ?? row.interval ?? [])]));
  const largest = Math.max(...[...rows, ...beyond].map((row) => row.k));
  const lastOf = (name) => [...rows, ...beyond].filter((row) => row.run === name).at(-1);
  const labels = RUNS.map((run) => ({
    name: run.name,
    text: shortName(run.name),
    x: lastOf(run.name).k,
    y: lastOf(run.name).value,
  }));
  const all = [...rows, ...beyond.map((row) => ({ ...row, problems: row.interval, beyond: true }))];
  return plot({
    width: WIDE,
    height,
    marginTop,
    marginBottom,
    marginLeft: 52,
    marginRight: 24 + 8 * Math.max(...labels.map((label) => label.text.length)),
    x: axisOfK(largest),
    y: axisOfPercent(domain, "pass@k (%)"),
    marks: [
      ...RUNS.flatMap((run) => bands(run)),
      ...RUNS.flatMap((run) => extrapolation(run)),
      ...RUNS.flatMap((run) => curve(run)),
      ...endLabels(labels, domain, height - marginTop - marginBottom),
      pointerText(all, {
        x: "k",
        y: "value",
        title: (row) => `${row.run}\n${row.beyond ? "extrapolated " : ""}pass@${row.k} = ${percentWithin(row.value, row.problems)}`,
      }),
    ],
  });
}

function bands(run) {
  const { colour } = look(run.name);
  return [
    ["problems", 0.14],
    ["samples", 0.34],
  ].map(([over, fillOpacity]) =>
    Plot.areaY(
      run.curve.filter((point) => point[over]),
      {
        x: "k",
        y1: (point) => point[over][0],
        y2: (point) => point[over][1],
        fill: colour,
        fillOpacity,
        render: named(`band band-${over}`, { run: run.name }),
      },
    ),
  );
}

function curve(run) {
  const { colour, dash, symbol } = look(run.name);
  return [
    Plot.lineY(run.curve, {
      x: "k",
      y: "value",
      stroke: colour,
      strokeWidth: 2.2,
      strokeDasharray: dash,
      render: named("line", { run: run.name }),
    }),
    Plot.dot(run.curve, {
      x: "k",
      y: "value",
      fill: colour,
      symbol,
      r: 3,
      render: valued(run.curve, "points", (point) => ({
        run: run.name,
        k: point.k,
        value: point.value,
        problems: point.problems,
        samples: point.samples,
      })),
    }),
  ];
}

function extrapolation(run) {
  const found = run.extrapolated?.points ?? [];
  if (found.length === 0) return [];
  const { colour, symbol } = look(run.name);
  const last = ends(run)[1];
  const joined = [{ k: last.k, value: last.value, interval: last.problems ?? [last.value, last.value] }, ...found];
  return [
    Plot.areaY(
      joined.filter((point) => point.interval),
      {
        x: "k",
        y1: (point) => point.interval[0],
        y2: (point) => point.interval[1],
        fill: colour,
        fillOpacity: 0.07,
        render: named("band band-problems band-beyond", { run: run.name }),
      },
    ),
    Plot.lineY(joined, {
      x: "k",
      y: "value",
      stroke: colour,
      strokeWidth: 2,
      strokeDasharray: "1 4",
      strokeLinecap: "round",
      render: named("beyond", { run: run.name }),
    }),
    Plot.dot(found, {
      x: "k",
      y: "value",
      stroke: colour,
      fill: "var(--paper)",
      symbol,
      r: 3,
      render: valued(found, "beyond-points", (point) => ({
        run: run.name,
        k: point.k,
        value: point.value,
        interval: point.interval,
      })),
    }),
  ];
}

function bandControls() {
  const choice = (value, text) =>
    element(
      "label",
      {},
      element("input", {
        type: "radio",
        name: "bands",
        value,
        checked: value === BANDS_AT_FIRST,
        onchange: (event) => {
          event.target.closest("figure").dataset.bands = value;
        },
      }),
      text,
    );
  return element(
    "div",
    { class: "controls", role: "group", "aria-label": "Bands" },
    "Bands: ",
    choice("problems", "over problems"),
    choice("samples", "over samples"),
    choice("both", "both"),
    choice("none", "none"),
  );
}

function coverageCaption(sure, extrapolated) {
  return [
    sure
      ? "Bands: 95 % intervals; the light one over problems (other problems of the same kind), the dark one over samples (other draws for the same problems)."
      : "Published values: no intervals.",
    extrapolated && "Dotted, with open marks: extrapolated beyond the samples that were drawn.",
  ]
    .filter(Boolean)
    .join(" ");
}

function coverageLabel() {
  return `Coverage curves of ${count(RUNS.length, "run")}. ${RUNS.map((run) => {
    const [first, last] = ends(run);
    return `${run.name}: ${percent(first.value)} at k = ${first.k}, ${percent(last.value)} at k = ${last.k}`;
  }).join("; ")}.`;
}

function coverageNumbers(rows, beyond) {
  const every = [...new Set([...rows, ...beyond].map((row) => row.k))].sort((a, b) => a - b);
  return every.map((k) => [
    `${k}`,
    ...RUNS.map((run) => {
      const point = run.curve.find((candidate) => candidate.k === k);
      if (point)
        return [percentWithin(point.value, point.problems), point.samples && ` · samples ${interval(point.samples)}`]
          .filter(Boolean)
          .join("");
      const guess = run.extrapolated?.points?.find((candidate) => candidate.k === k);
      return guess ? `${percentWithin(guess.value, guess.interval)} extrapolated` : "–";
    }),
  ]);
}

/** Why a curve does not go on, and how well the others did on samples that were held back. */
function extrapolationNotes() {
  const lines = RUNS.filter((run) => run.extrapolated).map((run) =>
    run.extrapolated.refused
      ? `${run.name}: not extrapolated, ${run.extrapolated.refused}`
      : `${run.name}: extrapolation off by ${(100 * run.extrapolated.held_back_error).toFixed(1)} points on samples held back`,
  );
  return lines.map((line) => element("p", { class: "small note" }, `${line}.`));
}
