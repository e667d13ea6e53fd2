// The data of the page: one compare.json (format 1), as it was put in.
// Not here: the samples of a problem, which are decoded when asked for (`samples.js`).
// In: the script element `data`. Out: `DATA`, and what more than one part asks of it.

const DATA = JSON.parse(document.getElementById("data").textContent);
const RUNS = DATA.runs ?? [];
const PAIRS = DATA.pairs ?? [];
const TABLE = DATA.table ?? [];

// Okabe and Ito's colours, darkened or lightened by page.css for its two themes. Dashes and symbols say the same in print.
const DASHES = [null, "9 3", "9 3 2 3", "4 2", "14 3", "9 2 2 2 2 2"];
const SYMBOLS = ["circle", "square", "triangle", "diamond", "star", "wye"];

/** How a run is drawn, everywhere on the page. */
function look(name) {
  const index = Math.max(
    0,
    RUNS.findIndex((run) => run.name === name),
  );
  return {
    colour: `var(--run-${index % SYMBOLS.length})`,
    // After six runs the colours come again, with other dashes.
    dash: DASHES[(index + Math.floor(index / SYMBOLS.length)) % DASHES.length],
    symbol: SYMBOLS[index % SYMBOLS.length],
  };
}

function runNamed(name) {
  return RUNS.find((run) => run.name === name);
}

/** The first and the last point of a run's curve: pass@1, and pass@n. */
function ends(run) {
  return [run.curve[0], run.curve[run.curve.length - 1]];
}

function shorten(name, length = 22) {
  return name.length <= length ? name : `${name.slice(0, length - 1)}…`;
}

/** A run's name where there is little room. Checkpoints of one run have long names that differ in few letters: where some
 * name is too long, what all begin or end with is left out, as long as the rest still tells them apart. */
function shortName(name) {
  return SHORT_NAMES.get(name) ?? shorten(name);
}

const SHORT_NAMES = (() => {
  const names = RUNS.map((run) => run.name);
  if (names.length < 2 || names.every((name) => name.length <= 22)) return new Map();
  const words = names.map((name) => name.split(/[-_/ ]/));
  const shared = (at) => {
    let some = 0;
    while (words.every((own) => own.length > some + 1 && own.at(at(some)) === words[0].at(at(some)))) some += 1;
    return some;
  };
  const before = shared((index) => index);
  for (const own of words) own.splice(0, before);
  const after = shared((index) => -1 - index);
  const short = words.map((own) => `${before ? "…" : ""}${shorten(own.slice(0, own.length - after).join("-"))}${after ? "…" : ""}`);
  return new Set(short).size === names.length ? new Map(names.map((name, index) => [name, short[index]])) : new Map();
})();

/** Which bands are shown at first: those of many lines cannot be seen through. */
const BANDS_AT_FIRST = RUNS.length <= 2 ? "both" : RUNS.length <= 4 ? "problems" : "none";

/** `128`, or `120 to 128` where problems have different numbers of samples. */
function sampleRange(run) {
  const [fewest, most] = run.samples ?? [];
  return fewest == null ? "–" : fewest === most ? `${most}` : `${fewest} to ${most}`;
}

/** The ids of one of a pair's four sets, whatever form its members have. */
function members(pair, set) {
  return (pair.sets?.[set] ?? []).map((member) => (typeof member === "string" ? member : member.task_id));
}
