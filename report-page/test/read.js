// What the tests read from a page, as plain data. Put into every page that a test opens; not a part of the report.
// Not here: what the data should be (`test_*.py`).
// In: selectors. Out: numbers and text.

const every = (selector) => [...document.querySelectorAll(selector)];

/** How far an element and the groups around it are moved within their chart. */
const moved = (node) => {
  const by = { e: 0, f: 0 };
  for (let at = node; at.tagName !== "svg"; at = at.parentElement) {
    const matrix = at.transform.baseVal.consolidate()?.matrix;
    by.e += matrix?.e ?? 0;
    by.f += matrix?.f ?? 0;
  }
  return by;
};

window.read = {
  texts: (selector) => every(selector).map((node) => node.textContent),

  /** The cells of a table's rows. */
  cells: (selector) => every(`${selector} tbody tr`).map((row) => [...row.cells].map((cell) => cell.textContent)),

  /** Marks with their values, and where they are drawn: symbols are moved, circles have a centre. */
  marks: (selector) =>
    every(selector).map((mark) => {
      const { x, y, width, height } = mark.getBBox();
      const { e, f } = moved(mark);
      // A symbol is drawn around zero, some of them with their centre of gravity there, and not that of their box.
      const centre = mark.hasAttribute("transform") ? { at_x: e, at_y: f } : { at_x: e + x + width / 2, at_y: f + y + height / 2 };
      return { ...mark.dataset, ...centre, x: e + x, width, height };
    }),

  /** Groups of one path, with its points: `Mx,yLx,y...`. */
  paths: (selector) =>
    every(selector).map((group) => {
      const steps = group.querySelector("path").getAttribute("d").replaceAll("Z", "").slice(1).split(/[LM]/);
      const { e, f } = moved(group);
      const place = (step) => step.split(",").map((part, index) => Number(part) + [e, f][index]);
      return { ...group.dataset, points: steps.map(place) };
    }),

  /** Shares and pixels of the labels of a figure's y axis. */
  ticks: (figure) =>
    every(`${figure} [aria-label="y-axis tick label"] text`).map((label) => ({
      value: Number(label.textContent.replace("\u2212", "-")) / 100,
      y: moved(label).f,
    })),

  /** Figures that say nothing to those who do not see them. */
  mute: () =>
    every("figure")
      .filter((one) => !one.querySelector("svg[role=img]")?.getAttribute("aria-label") || !one.querySelector(".numbers td"))
      .map((one) => one.id),

  visible: (selector) => every(selector).filter((node) => node.checkVisibility()).length,

  narrow: (selector) => every(selector).filter((node) => node.checkVisibility() && node.getBoundingClientRect().width < 100).length,

  /** Focuses a select; the place of the option that begins with a text. */
  option: (selector, text) => {
    const select = document.querySelector(selector);
    select.focus();
    return [...select.options].findIndex((option) => option.text.startsWith(text));
  },

  /** What becomes of an act: "done", or the name of its error. */
  refusal: async (act) => {
    try {
      await act();
      return "done";
    } catch (error) {
      return error.name;
    }
  },

  image: (address) =>
    new Promise((resolve) => {
      const image = new Image();
      image.onerror = () => resolve("refused");
      image.onload = () => resolve("done");
      image.src = address;
    }),

  /** Text and lines whose colour is not far enough from their ground: WCAG's contrast, 4.5 for text and 3 for lines. */
  faint: () =>
    every("main *").flatMap((node) => {
      if (!node.checkVisibility() || node.closest(":disabled")) return [];
      const style = getComputedStyle(node);
      const hasText = [...node.childNodes].some((child) => child.nodeType === Node.TEXT_NODE && child.data.trim());
      const colour = node instanceof SVGElement ? style.fill : style.color;
      const found = [];
      if (hasText && node.tagName !== "style" && contrast(colour, ground(node)) < 4.5) found.push([node.textContent, colour]);
      const drawn = node.matches("g.line, g.line path") && style.stroke !== "none";
      if (drawn && contrast(style.stroke, ground(node)) < 3) found.push(["line", style.stroke]);
      return found;
    }),
};

function luminance(colour) {
  const [r, g, b] = colour.match(/[\d.]+/g).map((part) => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(one, other) {
  const [high, low] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (high + 0.05) / (low + 0.05);
}

function ground(node) {
  for (let at = node; at; at = at.parentElement) {
    const { backgroundColor } = getComputedStyle(at);
    if (backgroundColor !== "rgba(0, 0, 0, 0)") return backgroundColor;
  }
  return "rgb(255, 255, 255)";
}
