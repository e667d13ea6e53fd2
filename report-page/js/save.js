// Saving one chart as an SVG file, to be put into a paper.
// Not here: drawing (`chart.js`).
// In: a chart of the page, in the theme and with the bands that are shown. Out: a file that needs neither page nor style.

function saveButton(id, chart) {
  const save = () => {
    const address = URL.createObjectURL(new Blob([standalone(chart)], { type: "image/svg+xml" }));
    element("a", { href: address, download: `${id}.svg` }).click();
    // The browser has taken the file when the next task runs.
    setTimeout(() => URL.revokeObjectURL(address), 0);
  };
  return element("button", { type: "button", class: "save", onclick: save }, "Save as SVG");
}

function standalone(chart) {
  const copy = chart.cloneNode(true);
  const [from, to] = [[...chart.querySelectorAll("*")], [...copy.querySelectorAll("*")]];
  from.forEach((node, index) => {
    const style = getComputedStyle(node);
    if (style.display === "none" && node.tagName !== "style") to[index].remove();
    // The page's variables are not there in a file.
    for (const name of ["fill", "stroke"]) {
      if (node.getAttribute(name)?.includes("var(")) to[index].setAttribute(name, style[name]);
    }
  });
  const { color, fontFamily, fontVariantNumeric } = getComputedStyle(chart);
  Object.assign(copy.style, { color, fontFamily, fontVariantNumeric });
  const ground = document.createElementNS("http://www.w3.org/2000/svg", "rect");
  const { backgroundColor } = getComputedStyle(document.body);
  for (const [name, value] of Object.entries({ width: "100%", height: "100%", fill: backgroundColor }))
    ground.setAttribute(name, value);
  copy.prepend(ground);
  return new XMLSerializer().serializeToString(copy);
}
