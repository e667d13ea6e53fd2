// Which problems each run of a pair solves: bars, and the lists behind them with how sure an "only" is.
// Not here: the problems themselves (`table.js` opens one).
// In: the `sets` of a pair. Out: a figure.

const SETS = ["both", "only_a", "only_b", "neither"];

function setName(pair, set) {
  return { both: "both", neither: "neither", only_a: `only ${pair.a}`, only_b: `only ${pair.b}` }[set];
}

function setColour(pair, set) {
  return { both: "var(--both)", neither: "var(--neither)", only_a: look(pair.a).colour, only_b: look(pair.b).colour }[set];
}

function setsFigure(pair, index) {
  const total = SETS.reduce((sum, set) => sum + members(pair, set).length, 0);
  if (total === 0) return null;
  let before = 0;
  const rows = SETS.map((set) => {
    const size = members(pair, set).length;
    const row = { set, size, share: size / total, from: before, to: before + size / total, name: setName(pair, set) };
    before = row.to;
    return row;
  });
  const list = element("div", { class: "members", "aria-live": "polite" });
  const show = (set) => {
    const open = list.dataset.set === set;
    list.dataset.set = open ? "" : set;
    list.replaceChildren(...(open ? [] : memberList(pair, set)));
    for (const button of buttons) button.setAttribute("aria-expanded", String(!open && button.dataset.set === set));
  };
  const buttons = rows.map((row) =>
    element(
      "button",
      { type: "button", class: "set", "data-set": row.set, "aria-expanded": "false", onclick: () => show(row.set) },
      element("span", { class: "swatch", style: `background: ${setColour(pair, row.set)}` }),
      `${row.name}: ${row.size} (${percent(row.share)})`,
    ),
  );
  const chart = setsChart(pair, rows, total);
  chart.querySelectorAll(".set-bars > *").forEach((bar) => bar.addEventListener("click", () => show(bar.dataset.set)));
  const drawn = figure({
    id: `sets-${index}`,
    title: "Problems solved at least once",
    label: `Problems solved at least once: ${rows.map((row) => `${row.name} ${row.size}`).join(", ")}, of ${total}.`,
    chart,
    head: ["set", "problems", "share"],
    rows: rows.map((row) => [row.name, `${row.size}`, percent(row.share)]),
  });
  drawn.querySelector("svg").after(element("div", { class: "sets" }, buttons), list);
  return drawn;
}

function setsChart(pair, rows, total) {
  const seen = rows.filter((row) => row.size > 0);
  return plot({
    width: WIDE,
    height: 66,
    margin: 0,
    marginTop: 20,
    marginLeft: 1,
    marginRight: 1,
    x: { domain: [0, 1], axis: null },
    marks: [
      Plot.rect(seen, {
        x1: "from",
        x2: "to",
        y1: 0,
        y2: 1,
        fill: (row) => setColour(pair, row.set),
        stroke: "var(--ink)",
        strokeWidth: 1,
        render: valued(seen, "set-bars", (row) => ({ set: row.set, value: row.size, share: row.share })),
      }),
      // A narrow part has no room for its words; the buttons below have them.
      Plot.text(
        seen.filter((row) => WIDE * row.share > 8 * `${row.name}: ${row.size}`.length),
        {
          x: (row) => (row.from + row.to) / 2,
          frameAnchor: "top",
          dy: -18,
          lineAnchor: "top",
          text: (row) => `${row.name}: ${row.size}`,
        },
      ),
    ],
    y: { domain: [0, 1], axis: null },
  });
}

function memberList(pair, set) {
  const all = pair.sets[set];
  const link = (id) => element("button", { type: "button", class: "link", onclick: () => openProblem(id) }, strange(id));
  const title = element("h4", {}, `${setName(pair, set)}: ${count(all.length, "problem")}`);
  if (all.length === 0 || typeof all[0] === "string")
    return [
      title,
      element(
        "p",
        { class: "ids" },
        all.map((id) => [link(id), " "]),
      ),
    ];
  const other = set === "only_a" ? pair.b : pair.a;
  const thresholds = (all[0].chance ?? []).map(([above]) => above);
  return [
    title,
    element(
      "p",
      { class: "small" },
      `No success is not the same as a success rate of zero: how likely the true success rate of ${other} is above a threshold nevertheless.`,
    ),
    table(
      ["problem", `samples of ${other}`, ...thresholds.map((above) => `rate above ${chance(above)}`)],
      all.map((member) => [
        link(member.task_id),
        `${member.samples_of_other ?? "–"}`,
        ...(member.chance ?? []).map(([, likely]) => chance(likely)),
      ]),
    ),
  ];
}
