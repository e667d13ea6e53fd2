// Two runs at a time: the difference of their curves, and where one overtakes the other.
// Not here: the sets of problems that each solves (`sets.js`), the sampling efficiency gap (`gap.js`).
// In: `PAIRS`. Out: a section. All pairs are drawn; the screen shows the chosen one, paper all.

function pairsSection() {
  if (PAIRS.length === 0) return null;
  const parts = PAIRS.map((pair, index) => pairPart(pair, index));
  const show = (chosen) => parts.forEach((part, index) => part.classList.toggle("not-chosen", index !== chosen));
  show(0);
  const selector =
    PAIRS.length > 1 &&
    element(
      "p",
      { class: "controls" },
      element(
        "label",
        {},
        "Compare ",
        element(
          "select",
          { id: "pair", onchange: (event) => show(event.target.selectedIndex) },
          PAIRS.map((pair) => element("option", {}, `${pair.a} with ${pair.b}`)),
        ),
      ),
    );
  return element("section", { "aria-label": "Pairs" }, selector, parts, gapFigure());
}

function pairPart(pair, index) {
  return element(
    "div",
    { class: "pair", "data-pair": `${pair.a}|${pair.b}` },
    element("h2", {}, runName(pair.a), " and ", runName(pair.b)),
    element("p", { class: "finding" }, finding(pair)),
    differenceFigure(pair, index),
    pair.sets && setsFigure(pair, index),
  );
}

// Who overtakes whom, and where: the other way round where the first run is ahead from the start.
function overtaking({ a, b, crossing, crossing_of_b: back }) {
  const turned = crossing?.from_the_start && back;
  return turned ? { over: b, under: a, crossing: back } : { over: a, under: b, crossing };
}

function runName(name) {
  return element("span", { class: "run-name", style: `color: ${look(name).colour}` }, name);
}

function finding(pair) {
  const { a, b, gap, problems } = pair;
  const { over, under, crossing } = overtaking(pair);
  return [
    crossing && `${over} overtakes ${under}: ${crossing.text}.`,
    gap &&
      `Sampling efficiency gap, ${a} at k = ${gap.k} less ${b} at k = 1: ${points(gap.value)} points${gap.interval ? ` ${signedInterval(gap.interval)}` : ""}.`,
    problems != null && `Compared on ${count(problems, "problem")}.`,
  ]
    .filter(Boolean)
    .join(" ");
}

function differenceFigure(pair, index) {
  const { a, b, difference } = pair;
  const { crossing } = overtaking(pair);
  const largest = difference.at(-1).k;
  return figure({
    id: `difference-${index}`,
    title: `Difference: pass@k of ${a} less that of ${b}`,
    label: `Difference of pass@k, ${a} less ${b}: ${points(difference[0].value)} points at k = ${difference[0].k}, ${points(difference.at(-1).value)} at k = ${largest}. ${crossing ? `Crossing: ${crossing.text}.` : ""}`,
    chart: differenceChart(pair, largest),
    caption:
      "Bands: 95 % intervals of the paired difference, light over problems, dark over samples. Filled marks: more than noise at that k, in the colour of the run that is ahead." +
      (crossing?.interval ? " Grey ground: 95 % interval of the crossing." : ""),
    head: ["k", "difference (points)", "95 % over problems", "95 % over samples", "ahead"],
    rows: difference.map((point) => [
      `${point.k}`,
      points(point.value),
      signedInterval(point.problems),
      signedInterval(point.samples),
      point.ahead ? pair[point.ahead] : "–",
    ]),
  });
}

function differenceChart(pair, largest) {
  const { a, b, difference } = pair;
  const reach = difference.flatMap((point) => [point.value, ...(point.problems ?? []), ...(point.samples ?? [])]);
  const domain = [Math.min(-0.02, ...reach) * 1.12, Math.max(0.02, ...reach) * 1.12];
  const colour = (point) => (point.ahead ? look(pair[point.ahead]).colour : "var(--paper)");
  const edge = (text, y, name, frameAnchor, dy) =>
    Plot.text([text], {
      frameAnchor,
      dx: 8,
      dy,
      textAnchor: "start",
      fill: look(name).colour,
      fontWeight: 600,
      text: (line) => line,
    });
  return plot({
    width: WIDE,
    height: 330,
    marginTop: 30,
    marginBottom: 44,
    marginLeft: 52,
    marginRight: 24,
    x: axisOfK(largest),
    y: { ...axisOfPercent(domain, "difference (points)"), tickFormat: (value) => points(value).replace(".0", "") },
    marks: [
      ...crossingMarks(pair, largest),
      ...[
        ["problems", 0.13],
        ["samples", 0.22],
      ].map(([over, fillOpacity]) =>
        Plot.areaY(
          difference.filter((point) => point[over]),
          {
            x: "k",
            y1: (point) => point[over][0],
            y2: (point) => point[over][1],
            fill: "var(--ink)",
            fillOpacity,
            render: named(`band band-${over}`, { pair: `${a}|${b}` }),
          },
        ),
      ),
      Plot.ruleY([0], { stroke: "var(--ink)", render: named("zero", {}) }),
      Plot.lineY(difference, {
        x: "k",
        y: "value",
        stroke: "var(--ink)",
        strokeWidth: 1.8,
        render: named("line", { pair: `${a}|${b}` }),
      }),
      Plot.dot(difference, {
        x: "k",
        y: "value",
        stroke: "var(--ink)",
        fill: colour,
        symbol: "circle",
        r: 4,
        strokeWidth: 1,
        render: valued(difference, "points", (point) => ({
          pair: `${a}|${b}`,
          k: point.k,
          value: point.value,
          problems: point.problems,
          samples: point.samples,
          ahead: point.ahead,
        })),
      }),
      edge(`↑ ${shortName(a)} ahead`, domain[1], a, "top-left", 4),
      edge(`↓ ${shortName(b)} ahead`, domain[0], b, "bottom-left", -6),
      pointerText(difference, {
        x: "k",
        y: "value",
        title: (point) =>
          `k = ${point.k}\n${points(point.value)} points ${signedInterval(point.problems)}\n${
            point.ahead ? `${pair[point.ahead]} is ahead` : "no more than noise"
          }`,
      }),
    ],
  });
}

function crossingMarks(pair, largest) {
  const { crossing } = overtaking(pair);
  if (!crossing) return [];
  const { k, interval: within, text } = crossing;
  const marks = [];
  if (within?.from != null) {
    marks.push(
      Plot.rect([within], {
        x1: (ends) => Math.max(1, ends.from),
        x2: (ends) => Math.min(largest, ends.to ?? largest),
        fill: "var(--ink)",
        fillOpacity: 0.07,
        render: named("crossing-interval", { from: within.from, to: within.to ?? "never" }),
      }),
    );
  }
  if (k != null) marks.push(Plot.ruleX([k], { stroke: "var(--ink)", strokeDasharray: "4 3", render: named("crossing", { k }) }));
  const place = k ?? largest;
  const late = Math.log(place) > 0.55 * Math.log(largest);
  marks.push(
    Plot.text([text], {
      x: () => place,
      frameAnchor: "top",
      dy: -18,
      textAnchor: late ? "end" : "start",
      fontWeight: 600,
      text: (words) => `crossing: ${words}`,
      render: named("crossing-text", {}),
    }),
  );
  return marks;
}
