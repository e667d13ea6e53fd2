// Accuracy per problem: for every run, how many problems it solves in which share of its samples.
// Not here: means by group (`groups.js`).
// In: the histograms of `RUNS`. Out: a section; a choice shows one group's problems only.

function accuracySection() {
  if (!RUNS.some((run) => run.histogram?.length)) return null;
  const place = element("div", { class: "multiples" });
  const choices = [{ text: "all problems", of: (run) => run.histogram }];
  for (const key of groupKeys()) {
    for (const name of groupNames(key)) {
      choices.push({ text: `${key}: ${name}`, of: (run) => run.groups?.[key]?.find((group) => group.name === name)?.histogram });
    }
  }
  const show = (index) => place.replaceChildren(...histograms(choices[index]));
  show(0);
  const selector =
    choices.length > 1 &&
    element(
      "p",
      { class: "controls" },
      element(
        "label",
        {},
        "Problems ",
        element(
          "select",
          { id: "histogram-of", onchange: (event) => show(event.target.selectedIndex) },
          choices.map((choice) => element("option", {}, choice.text)),
        ),
      ),
    );
  return element("section", { "aria-label": "Accuracy" }, element("h2", {}, "Accuracy per problem"), selector, place);
}

function histograms({ text, of }) {
  const shown = RUNS.map((run) => ({ run, bins: of(run) })).filter(({ bins }) => bins?.length);
  const highest = Math.max(1, ...shown.flatMap(({ bins }) => bins.map((bin) => bin.problems)));
  return shown.map(({ run, bins }) => histogram(run, bins, highest, text));
}

function histogram(run, bins, highest, text) {
  const rows = bins.map((bin) => ({ ...bin, name: binName(bin) }));
  return figure({
    id: `accuracy-${RUNS.indexOf(run)}`,
    title: element("span", {}, runName(run.name)),
    label: `Histogram of accuracy per problem, ${run.name}, ${text}: ${rows.map((row) => `${row.name} %: ${row.problems}`).join("; ")}.`,
    chart: plot({
      width: 560,
      height: 250,
      marginLeft: 36,
      marginRight: 8,
      marginBottom: 40,
      marginTop: 22,
      x: { type: "band", domain: rows.map((row) => row.name), label: null, padding: 0.12 },
      y: { domain: [0, highest * 1.08], label: "problems", labelArrow: "none", grid: true, ticks: 5 },
      marks: [
        // Twelve ranges stand side by side, which takes smaller letters.
        Plot.axisX({
          fontSize: 10.5,
          tickSize: 0,
          label: "share of samples that pass (%)",
          labelAnchor: "center",
          labelArrow: "none",
        }),
        Plot.barY(rows, {
          x: "name",
          y: "problems",
          fill: look(run.name).colour,
          fillOpacity: 0.85,
          render: valued(rows, "bins", (row) => ({
            run: run.name,
            from: row.from,
            to: row.to,
            value: row.problems,
          })),
        }),
        Plot.text(
          rows.filter((row) => row.problems > 0),
          { x: "name", y: "problems", dy: -7, text: (row) => `${row.problems}`, fontSize: 11 },
        ),
        Plot.ruleY([0], { stroke: "var(--ink)" }),
      ],
    }),
    head: ["share of samples that pass (%)", "problems"],
    rows: rows.map((row) => [row.name, `${row.problems}`]),
  });
}

function binName({ from, to }) {
  const round = (share) => `${Math.round(1000 * share) / 10}`;
  return from === to ? round(from) : `${round(from)}–${round(to)}`;
}
