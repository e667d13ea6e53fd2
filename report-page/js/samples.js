// The samples of one problem, in a dialog: code, verdict, first failing test.
// Not here: the table that opens it (`table.js`).
// In: gzip'd JSON in base64, from the page or from a script beside it. Out: a dialog. All of it is strangers' text.

// Files arrive by a script that calls `trialboxSamples`: a page opened from a disk may not fetch.
const arrivals = new Map();
window.trialboxSamples = (index, base64) => arrivals.get(index)?.(base64);

// The one place where a string becomes a script's address: a number in a folder of a plain name.
const scripts = window.trustedTypes?.createPolicy("trialbox", {
  createScriptURL: (address) => {
    if (!/^(?!\.)[\w.-]+\/\d+\.js$/.test(address)) throw new Error(`not a file of samples: ${address}`);
    return address;
  },
}) ?? { createScriptURL: (address) => address };

function loadFile(folder, index) {
  const address = `${folder}/${index}.js`;
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    const end = (settle) => {
      script.remove();
      arrivals.delete(index);
      settle();
    };
    arrivals.set(index, (base64) => end(() => resolve(base64)));
    script.onerror = () => end(() => reject(new Error(`${address} is not beside this page: keep the folder with it`)));
    script.onload = () => end(() => reject(new Error(`${address} holds no samples`)));
    script.src = scripts.createScriptURL(address);
    document.head.append(script);
  });
}

/** Lists of samples, one per run, of a problem. */
async function samplesOf(id) {
  const { samples } = DATA;
  if (!samples) throw new Error("this report was made without samples");
  // A problem may be called `constructor`.
  const own = (map) => (map && Object.hasOwn(map, id) ? map[id] : null);
  const [inline, index] = [own(samples.inline), own(samples.index)];
  if (inline == null && index == null) throw new Error("this report has no samples of this problem");
  const base64 = inline ?? (await loadFile(samples.files, index));
  const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).json();
}

async function openProblem(id) {
  const from = document.activeElement;
  const content = element("div", { class: "content" }, element("p", {}, "Loading…"));
  const close = element("button", { type: "button", class: "close", onclick: () => dialog.close() }, "Close (Escape)");
  const dialog = element(
    "dialog",
    { "aria-label": `Samples of ${id}`, "data-task": id },
    element("header", {}, element("h2", {}, strange(id)), close),
    content,
  );
  dialog.addEventListener("close", () => {
    dialog.remove();
    from?.focus();
  });
  document.body.append(dialog);
  dialog.showModal();
  try {
    const lists = await samplesOf(id);
    content.replaceChildren(...samplesView(lists));
    (content.querySelector("[role=option]") ?? close).focus();
  } catch (error) {
    content.replaceChildren(element("p", { class: "error" }, `The samples cannot be shown: ${error.message}.`));
  }
}

function samplesView(lists) {
  const all = lists.flatMap((list, run) => list.map((sample) => ({ ...sample, run: RUNS[run]?.name ?? `run ${run + 1}` })));
  const verdicts = [...new Set(all.map((sample) => sample.verdict))].sort();
  const wanted = { run: "", verdict: "" };
  const list = element("ul", { role: "listbox", "aria-label": "Samples" });
  const detail = element("div", { class: "sample" });
  const said = element("span", { class: "said", role: "status" });
  let shown = [];
  const select = (index, focus) => {
    [...list.children].forEach((item, place) => {
      item.tabIndex = place === index ? 0 : -1;
      item.setAttribute("aria-selected", String(place === index));
    });
    detail.replaceChildren(...(shown[index] ? sampleDetail(shown[index]) : []));
    if (focus) list.children[index]?.focus();
  };
  const draw = () => {
    shown = all.filter(
      (sample) => (!wanted.run || sample.run === wanted.run) && (!wanted.verdict || sample.verdict === wanted.verdict),
    );
    list.replaceChildren(
      ...shown.map((sample, index) =>
        element(
          "li",
          { role: "option", onclick: () => select(index, true) },
          element("span", { style: `color: ${look(sample.run).colour}` }, shortName(sample.run)),
          ` ${sample.sample} `,
          verdictText(sample.verdict),
        ),
      ),
    );
    said.textContent = count(shown.length, "sample");
    select(0, false);
  };
  list.addEventListener("keydown", (event) => {
    const index = [...list.children].indexOf(event.target);
    const to = {
      ArrowDown: index + 1,
      ArrowUp: index - 1,
      Home: 0,
      End: shown.length - 1,
      PageDown: index + 20,
      PageUp: index - 20,
    }[event.key];
    if (to == null) return;
    event.preventDefault();
    select(Math.min(Math.max(0, to), shown.length - 1), true);
  });
  const tally = (verdict) => all.filter((sample) => sample.verdict === verdict).length;
  draw();
  return [
    element(
      "div",
      { class: "controls" },
      RUNS.length > 1 &&
        choiceOf("sample-run", "Run", ["all", ...RUNS.map((run) => run.name)], (index) => {
          wanted.run = index === 0 ? "" : RUNS[index - 1].name;
          draw();
        }),
      choiceOf("verdict", "Verdict", ["all", ...verdicts.map((verdict) => `${verdict} (${tally(verdict)})`)], (index) => {
        wanted.verdict = index === 0 ? "" : verdicts[index - 1];
        draw();
      }),
      said,
    ),
    element("div", { class: "samples" }, list, detail),
  ];
}

function verdictText(verdict) {
  const kind = verdict === "pass" ? "pass" : verdict === "infra_error" ? "unknown" : "fail";
  return element("span", { class: `verdict ${kind}` }, `${{ pass: "✓", unknown: "?", fail: "✗" }[kind]} `, strange(`${verdict}`));
}

function sampleDetail({ run, sample, verdict, code, failure }) {
  const part = (title, text) => text != null && text !== "" && [element("h4", {}, title), block(`${text}`)];
  return [
    element("h3", {}, `${run}, sample ${sample}: `, verdictText(verdict)),
    failure &&
      element(
        "div",
        { class: "failure" },
        part("First failing test", failure.test),
        part("Input", failure.input),
        part("Expected", failure.expected),
        part("Actual", failure.actual),
        part("Note", failure.note),
      ),
    element("h4", {}, "Code"),
    code ? block(code, { class: "code" }) : element("p", {}, "none"),
  ]
    .flat()
    .filter(Boolean);
}
