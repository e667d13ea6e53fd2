// Training: checkpoints as a series of steps, and the perplexity of each run's samples.
// Not here: the curves of single checkpoints (`curves.js`).
// In: `DATA.series`, the runs' perplexities. Out: sections, or nothing where there are no data.

function seriesSection() {
  const steps = (DATA.series ?? []).map(({ step, run }) => ({ step, run: runNamed(run) })).filter(({ run }) => run);
  if (steps.length === 0) return null;
  const lines = [
    { name: "pass@1", which: 0, colour: "var(--run-1)", symbol: "circle", dash: "9 3" },
    { name: "pass@n", which: 1, colour: "var(--run-0)", symbol: "square", dash: null },
  ].map((line) => ({ ...line, rows: steps.map(({ step, run }) => ({ step, run: run.name, ...ends(run)[line.which] })) }));
  const all = lines.flatMap((line) => line.rows);
  const domain = fromZero(all.flatMap((row) => [row.value, ...(row.problems ?? [])]));
  const text = (line) => (line.which === 0 ? "pass@1" : `pass@${line.rows.at(-1).k}`);
  return element(
    "section",
    { "aria-label": "Training steps" },
    figure({
      id: "series",
      title: "pass@1 and pass@n against the training step",
      label: `Against training steps: ${lines.map((line) => `${text(line)} from ${percent(line.rows[0].value)} at step ${line.rows[0].step} to ${percent(line.rows.at(-1).value)} at step ${line.rows.at(-1).step}`).join("; ")}.`,
      chart: plot({
        width: WIDE,
        height: 340,
        marginLeft: 52,
        marginRight: 90,
        marginBottom: 44,
        marginTop: 26,
        x: { type: "linear", label: "training step", labelAnchor: "center", labelArrow: "none", tickFormat: (step) => `${step}` },
        y: axisOfPercent(domain, "pass@k (%)"),
        marks: lines.flatMap(({ rows, colour, symbol, dash, name, which }) => [
          Plot.areaY(
            rows.filter((row) => row.problems),
            {
              x: "step",
              y1: (row) => row.problems[0],
              y2: (row) => row.problems[1],
              fill: colour,
              fillOpacity: 0.14,
              render: named("band", { line: name }),
            },
          ),
          Plot.lineY(rows, { x: "step", y: "value", stroke: colour, strokeWidth: 2.2, strokeDasharray: dash }),
          Plot.dot(rows, {
            x: "step",
            y: "value",
            fill: colour,
            symbol,
            r: 4,
            render: valued(rows, "points", (row) => ({ line: name, run: row.run, step: row.step, k: row.k, value: row.value })),
          }),
          Plot.text([rows.at(-1)], {
            x: "step",
            y: "value",
            dx: 10,
            textAnchor: "start",
            fill: colour,
            fontWeight: 600,
            text: () => text(lines[which]),
          }),
        ]),
      }),
      caption: "Bands: 95 % intervals over problems.",
      head: ["step", "run", "pass@1", "pass@n"],
      rows: steps.map(({ step, run }) => [
        `${step}`,
        run.name,
        ...ends(run).map((point) => percentWithin(point.value, point.problems)),
      ]),
    }),
  );
}

function perplexitySection() {
  const rows = RUNS.filter((run) => run.perplexity?.quantiles?.length).map((run) => ({
    run: run.name,
    samples: run.perplexity.samples,
    at: Object.fromEntries(run.perplexity.quantiles.map(([share, value]) => [share, value])),
    quantiles: run.perplexity.quantiles,
  }));
  if (rows.length === 0) return null;
  const shares = rows[0].quantiles.map(([share]) => share);
  const [lowest, highest] = [shares[0], shares.at(-1)];
  const colour = (row) => look(row.run).colour;
  return element(
    "section",
    { "aria-label": "Perplexity" },
    figure({
      id: "perplexity",
      title: "Perplexity of samples",
      label: `Perplexity of samples. ${rows.map((row) => `${row.run}: median ${row.at[0.5]}`).join("; ")}.`,
      chart: plot({
        width: WIDE,
        height: 56 + 44 * rows.length,
        marginLeft: 30 + 8 * Math.max(...rows.map((row) => shortName(row.run).length)),
        marginRight: 24,
        marginTop: 8,
        marginBottom: 40,
        x: {
          type: "log",
          label: "perplexity (log scale)",
          labelAnchor: "center",
          labelArrow: "none",
          grid: true,
          ticks: 6,
          tickFormat: (value) => `${Number(value.toPrecision(3))}`,
        },
        y: {
          type: "band",
          domain: rows.map((row) => row.run),
          label: null,
          tickFormat: shortName,
          padding: 0.35,
          tickSize: 0,
        },
        marks: [
          Plot.ruleY(rows, { y: "run", x1: (row) => row.at[lowest], x2: (row) => row.at[highest], stroke: colour, strokeWidth: 2 }),
          Plot.barX(rows, {
            y: "run",
            x1: (row) => row.at[0.25],
            x2: (row) => row.at[0.75],
            fill: colour,
            render: valued(rows, "boxes", (row) => ({
              run: row.run,
              quantiles: JSON.stringify(row.quantiles),
              samples: row.samples,
            })),
          }),
          Plot.tickX(rows, { y: "run", x: (row) => row.at[0.5], stroke: "var(--paper)", strokeWidth: 3 }),
        ],
      }),
      caption: `Box: middle half of the samples, with the median. Line: ${percent(lowest)} to ${percent(highest)} of them.`,
      head: ["run", "samples", ...shares.map((share) => percent(share))],
      rows: rows.map((row) => [
        row.run,
        row.samples?.toLocaleString("en") ?? "–",
        ...row.quantiles.map(([, value]) => value.toPrecision(4)),
      ]),
    }),
  );
}
