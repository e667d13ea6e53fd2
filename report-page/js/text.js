// Numbers and strangers' text as words, and elements made of them.
// Not here: charts (`chart.js`), the data (`data.js`).
// In: numbers, strings. Out: text and elements; text is never read as markup.

const NO_BREAK = "\u00a0";
const MINUS = "\u2212";

/** 0.1662 as `16.6 %`. */
function percent(value) {
  return value == null ? "–" : `${(100 * value).toFixed(1)}${NO_BREAK}%`;
}

/** A difference of two shares, in percentage points: `+12.0`. */
function points(value) {
  if (value == null) return "–";
  const text = Math.abs(100 * value).toFixed(1);
  return (text === "0.0" ? "" : value < 0 ? MINUS : "+") + text;
}

/** An interval of shares in percent: `[11.0, 24.0]`; empty where there is none. */
function interval(ends) {
  return ends == null ? "" : `[${ends.map((end) => (100 * end).toFixed(1)).join(", ")}]`;
}

function signedInterval(ends) {
  return ends == null ? "" : `[${ends.map(points).join(", ")}]`;
}

/** `16.6 % [11.0, 24.0]`. */
function percentWithin(value, ends) {
  return [percent(value), interval(ends)].filter(Boolean).join(" ");
}

/** A chance in words of few digits: 0.6 as `60 %`, 0.0004 as `0.04 %`. */
function chance(value) {
  return `${Number((100 * value).toPrecision(2))}${NO_BREAK}%`;
}

function count(number, one, many = `${one}s`) {
  return `${number.toLocaleString("en")} ${number === 1 ? one : many}`;
}

/** Makes an element. Attributes: `class`, `on...` handlers, `data-...`; what is null or false is left out. Children are
 * elements or text, and text stays text. */
function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value == null || value === false) continue;
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.flat(Infinity).filter((child) => child != null && child !== false));
  return made;
}

// C0 and C1 controls but tab and line feed, characters of no width, and those that change the direction of text: with
// these a program can look like another one. A carriage return counts as a control: it is
// seen in outputs this way. Under the flag `u`, a surrogate is one that stands alone.
const UNSEEN =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff]/gu;

/** Text of a stranger as nodes: what cannot be seen is shown by its number. */
function strange(text) {
  const nodes = [];
  let from = 0;
  for (const match of text.matchAll(UNSEEN)) {
    if (match.index > from) nodes.push(text.slice(from, match.index));
    const code = match[0].charCodeAt(0).toString(16).toUpperCase().padStart(4, "0");
    nodes.push(element("span", { class: "unseen" }, `U+${code}`));
    from = match.index + match[0].length;
  }
  nodes.push(text.slice(from));
  return nodes;
}

// A line of a million characters takes seconds to lay out.
const SHOWN_AT_ONCE = 20000;

/** A program or an output, whole or with a button for the rest. */
function block(text, attributes = {}) {
  const pre = element("pre", { dir: "ltr", tabindex: "0", ...attributes }, strange(text.slice(0, SHOWN_AT_ONCE)));
  if (text.length <= SHOWN_AT_ONCE) return pre;
  const rest = text.length - SHOWN_AT_ONCE;
  const more = element(
    "button",
    {
      type: "button",
      class: "more",
      onclick: () => {
        pre.replaceChildren(...strange(text));
        more.remove();
      },
    },
    `Show ${rest.toLocaleString("en")} more characters`,
  );
  return element("div", { class: "long" }, pre, more);
}

/** A table of text, in a box that scrolls sideways. Numbers stand right. */
function table(head, rows, attributes = {}) {
  const cell = (tag, content, index) => element(tag, { class: index > 0 && "number", scope: tag === "th" && "col" }, content);
  return element(
    "div",
    { class: "scroll" },
    element(
      "table",
      attributes,
      element(
        "thead",
        {},
        element(
          "tr",
          {},
          head.map((title, index) => cell("th", title, index)),
        ),
      ),
      element(
        "tbody",
        {},
        rows.map((row) =>
          element(
            "tr",
            {},
            row.map((content, index) => cell("td", content, index)),
          ),
        ),
      ),
    ),
  );
}
