// The sampling efficiency gap: what a run's single sample lacks to another run's pass@k.
// Not here: the pairs' curves (`pairs.js`).
// In: `PAIRS`. Out: a figure of all of them.

/** One run's pass@k less the other's pass@1, for all pairs; for other k in the table, without intervals. */
function gapFigure() {
  const rows = PAIRS.filter((pair) => pair.gap).map((pair) => ({
    pair: `${shortName(pair.a)} − ${shortName(pair.b)}`,
    a: pair.a,
    b: pair.b,
    ...pair.gap,
  }));
  if (rows.length === 0) return null;
  const reach = rows.flatMap((row) => [0, row.value, ...(row.interval ?? [])]);
  const everyK = [...new Set(PAIRS.flatMap((pair) => runNamed(pair.a)?.curve.map((point) => point.k) ?? []))].sort((a, b) => a - b);
  return figure({
    id: "gap",
    title: `Sampling efficiency gap: pass@${rows[0].k} of the one less pass@1 of the other`,
    label: `Sampling efficiency gaps. ${rows.map((row) => `${row.pair}: ${points(row.value)} points`).join("; ")}.`,
    chart: plot({
      width: WIDE,
      height: 50 + 30 * rows.length,
      marginLeft: 30 + 7 * Math.max(...rows.map((row) => row.pair.length)),
      marginRight: 60,
      marginTop: 8,
      marginBottom: 40,
      x: { ...axisOfPercent([Math.min(...reach), Math.max(...reach) * 1.08 || 1], "gap (points)"), labelAnchor: "center" },
      y: { type: "band", domain: rows.map((row) => row.pair), label: null },
      marks: [
        Plot.ruleX([0], { stroke: "var(--ink)" }),
        Plot.ruleY(
          rows.filter((row) => row.interval),
          {
            y: "pair",
            x1: (row) => row.interval[0],
            x2: (row) => row.interval[1],
            stroke: "var(--ink)",
            strokeWidth: 2,
            render: named("gap-intervals", {}),
          },
        ),
        Plot.dot(rows, {
          x: "value",
          y: "pair",
          r: 5,
          fill: (row) => look(row.a).colour,
          stroke: "var(--ink)",
          strokeWidth: 1,
          render: valued(rows, "points", (row) => ({ a: row.a, b: row.b, k: row.k, value: row.value, interval: row.interval })),
        }),
        Plot.text(rows, { x: "value", y: "pair", dy: -12, text: (row) => points(row.value) }),
      ],
    }),
    caption:
      "How far the second run's single sample stays behind what the first run reaches with k samples. Bars: 95 % intervals over problems.",
    head: ["k", ...rows.map((row) => row.pair)],
    rows: everyK.map((k) => [
      `${k}`,
      ...rows.map((row) => {
        if (k === row.k) return [points(row.value), signedInterval(row.interval)].filter(Boolean).join(" ");
        const [above, below] = [runNamed(row.a)?.curve.find((point) => point.k === k), runNamed(row.b)?.curve[0]];
        return above && below ? points(above.value - below.value) : "–";
      }),
    ]),
  });
}
