// What all charts share: a figure with its text and table, marks that carry their values, axes, labels at line ends.
// Not here: what a chart shows (`curves.js` and the others).
// In: Plot's marks. Out: figures. Colours are CSS variables, so that a theme changes without drawing again.

// Charts are drawn once, as wide as the page is when it opens, and scaled after that. A page that is not seen has no width.
const FULL = 1080;
const WIDE = Math.max(520, Math.min(FULL, document.getElementById("report").clientWidth || FULL));
// Ticks along the width that do not touch.
const MOST_TICKS = Math.floor(WIDE / 76);

/** A figure: heading, chart, caption, and the same numbers as a table for those who cannot see it or want to copy them. */
function figure({ id, title, label, chart, caption, head, rows, controls }) {
  chart.setAttribute("role", "img");
  chart.setAttribute("aria-label", label);
  return element(
    "figure",
    { id, class: "chart" },
    title && element("h3", {}, title),
    controls,
    chart,
    caption && element("figcaption", {}, caption),
    element(
      "div",
      { class: "foot" },
      element("details", { class: "numbers" }, element("summary", {}, "Numbers"), table(head, rows)),
      saveButton(id, chart),
    ),
  );
}

function plot(options) {
  return Plot.plot({ style: { fontSize: "13px", fontFamily: "inherit", overflow: "visible" }, ...options });
}

/** A render transform that gives the elements of a mark the values they stand for, as `data-` attributes: tests read a
 * chart back by them, and so can anyone who has only the page. */
function valued(rows, className, attributes) {
  return (index, scales, values, dimensions, context, next) => {
    const group = next(index, scales, values, dimensions, context);
    group?.setAttribute("class", className);
    if (attributes) {
      index.forEach((row, place) => {
        for (const [name, value] of Object.entries(attributes(rows[row]))) {
          if (value != null) group.children[place].setAttribute(`data-${name}`, value);
        }
      });
    }
    return group;
  };
}

/** A mark of one element (a line, a band) that says whose it is. */
function named(className, attributes) {
  return (index, scales, values, dimensions, context, next) => {
    const group = next(index, scales, values, dimensions, context);
    group?.setAttribute("class", className);
    for (const [name, value] of Object.entries(attributes)) group?.setAttribute(`data-${name}`, value);
    return group;
  };
}

/** Powers of two up to the largest k, thinned where they would touch, and the largest k itself where it stands apart. */
function ticksOfK(largest) {
  const powers = [];
  for (let k = 1; k <= largest; k *= 2) powers.push(k);
  const step = Math.ceil(powers.length / MOST_TICKS);
  const ticks = powers.filter((_, index) => index % step === 0);
  if (largest / ticks[ticks.length - 1] > 1.5) ticks.push(largest);
  return ticks;
}

function axisOfK(largest) {
  return {
    type: "log",
    base: 2,
    domain: [1, Math.max(2, largest)],
    ticks: ticksOfK(largest),
    tickFormat: (k) => `${k}`,
    label: "k (samples per problem, log scale)",
    labelAnchor: "center",
    labelArrow: "none",
  };
}

function axisOfPercent(domain, label) {
  return { domain, label, labelArrow: "none", tickFormat: (value) => `${Math.round(1000 * value) / 10}`, ticks: 6, grid: true };
}

/** From zero to a round number above the highest value, at most one. */
function fromZero(values) {
  const highest = Math.max(0.01, ...values.filter((value) => value != null));
  const step = highest > 0.5 ? 0.1 : highest > 0.1 ? 0.05 : 0.01;
  return [0, Math.min(1, Math.ceil(highest / step + 0.2) * step)];
}

/** Moves label positions apart, up and down, until none is closer to the next than `gap`; order stays. */
function spread(wanted, gap, [lowest, highest]) {
  const order = wanted.map((_, index) => index).sort((a, b) => wanted[a] - wanted[b]);
  const placed = [...wanted];
  for (let round = 0; round < 100; round += 1) {
    let moved = false;
    for (let i = 1; i < order.length; i += 1) {
      const [lower, upper] = [order[i - 1], order[i]];
      const lack = gap - (placed[upper] - placed[lower]);
      if (lack <= gap * 1e-6) continue;
      placed[lower] -= lack / 2;
      placed[upper] += lack / 2;
      moved = true;
    }
    const under = lowest - placed[order[0]];
    const over = placed[order[order.length - 1]] - highest;
    if (under > 0) placed[order[0]] += under;
    if (over > 0) placed[order[order.length - 1]] -= over;
    if (!moved) break;
  }
  return placed;
}

/** Names at the ends of lines, in the lines' colours. `lines` are `{name, text, x, y}` in the chart's values. */
function endLabels(lines, domain, heightOfPlot) {
  const gap = (15 / heightOfPlot) * (domain[1] - domain[0]);
  const places = spread(
    lines.map((line) => line.y),
    gap,
    domain,
  );
  return lines.map((line, index) =>
    Plot.text([line], {
      x: "x",
      y: () => places[index],
      text: "text",
      dx: 10,
      textAnchor: "start",
      fill: look(line.name).colour,
      fontWeight: 600,
      render: named("end-label", { run: line.name }),
    }),
  );
}

/** Text beside the pointer, for the nearest of the rows. It is drawn when the pointer comes, so it costs nothing before. */
function pointerText(rows, channels) {
  return Plot.tip(
    rows,
    Plot.pointer({ ...channels, fontSize: 13, lineHeight: 1.3, textPadding: 8, maxRadius: 60, strokeOpacity: 0.3 }),
  );
}
