// The table of problems: sorted, filtered, in pages, opened by keys.
// Not here: what an opened row shows (`samples.js`).
// In: `TABLE`. Out: a section. Keys: `/` to the filter, arrows and Page keys among rows, Enter opens, Escape goes back.

const ROWS_OF_A_PAGE = 50;

function problemsSection() {
  if (TABLE.length === 0) return null;
  const state = { text: "", set: 0, difficulty: "", sort: "task_id", descending: false, page: 0, active: 0 };
  const columns = problemColumns();
  const sets = problemSets();
  const body = element("tbody");
  const said = element("span", { class: "said", role: "status" });
  let shown = [];

  const draw = () => {
    const pages = Math.max(1, Math.ceil(shown.length / ROWS_OF_A_PAGE));
    state.page = Math.min(Math.max(0, state.page), pages - 1);
    const from = state.page * ROWS_OF_A_PAGE;
    const rows = shown.slice(from, from + ROWS_OF_A_PAGE);
    state.active = Math.min(Math.max(0, state.active), Math.max(0, rows.length - 1));
    body.replaceChildren(
      ...rows.map((row, index) =>
        element(
          "tr",
          { tabindex: index === state.active ? "0" : "-1", "data-task": row.task_id },
          columns.map((column) => element("td", { class: column.run && "number" }, column.cell(row))),
        ),
      ),
    );
    said.textContent =
      shown.length === 0 ? "no problem fits" : `${from + 1}–${from + rows.length} of ${count(shown.length, "problem")}`;
    [before.disabled, after.disabled] = [state.page === 0, state.page >= pages - 1];
  };
  const change = (values) => {
    Object.assign(state, { page: 0, active: 0 }, values);
    shown = chosenProblems(state, columns, sets);
    for (const header of headers) {
      const own = header.dataset.key === state.sort;
      header.setAttribute("aria-sort", !own ? "none" : state.descending ? "descending" : "ascending");
    }
    draw();
  };
  const turn = (pages, active = 0) => {
    Object.assign(state, { page: state.page + pages, active });
    draw();
  };

  const button = (text, pages) => element("button", { type: "button", onclick: () => turn(pages) }, text);
  const [before, after] = [button("Previous", -1), button("Next", 1)];
  const headers = columns.map((column) =>
    element(
      "th",
      { scope: "col", "data-key": column.key, class: column.run && "number" },
      element(
        "button",
        {
          type: "button",
          onclick: () =>
            change({ sort: column.key, descending: state.sort === column.key ? !state.descending : Boolean(column.run) }),
        },
        column.title,
      ),
    ),
  );
  const filter = element("input", {
    type: "search",
    id: "filter",
    placeholder: "filter by name  ( / )",
    "aria-label": "Filter problems by name",
    oninput: () => change({ text: filter.value }),
  });
  const controls = element(
    "div",
    { class: "controls" },
    filter,
    choiceOf(
      "set",
      "Solved by",
      sets.map((set) => set.text),
      (index) => change({ set: index }),
    ),
    difficultyChoice(change),
    before,
    after,
    said,
  );

  filter.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "Enter") {
      body.rows[0]?.focus();
      event.preventDefault();
    }
    if (event.key === "Escape") {
      filter.value = "";
      change({ text: "" });
    }
  });
  body.addEventListener("click", (event) => openProblem(event.target.closest("tr").dataset.task));
  body.addEventListener("keydown", (event) => rowKey(event, state, body, draw, turn, filter));
  document.addEventListener("keydown", (event) => {
    if (
      event.key !== "/" ||
      event.ctrlKey ||
      event.metaKey ||
      event.altKey ||
      event.target.closest("input, select, textarea, dialog")
    )
      return;
    event.preventDefault();
    filter.focus();
    filter.select();
  });
  change({});
  return element(
    "section",
    { id: "problems", "aria-label": "Problems" },
    element("h2", {}, "Problems"),
    controls,
    element(
      "div",
      { class: "scroll" },
      element("table", { class: "problems" }, element("thead", {}, element("tr", {}, headers)), body),
    ),
    element("p", { class: "small keys" }, "Keys: / filters, arrows move, Enter opens a problem's samples, Escape closes."),
  );
}

/** Moves among rows as in a list, over the edges of pages too. */
function rowKey(event, state, body, draw, turn, filter) {
  const last = body.rows.length - 1;
  const focus = () => body.rows[state.active]?.focus();
  const pageBefore = state.page;
  const active = [...body.rows].indexOf(event.target.closest("tr"));
  if (event.key === "Enter") openProblem(event.target.closest("tr").dataset.task);
  else if (event.key === "Escape") filter.focus();
  else if (event.key === "ArrowDown" && active === last) {
    turn(1);
    if (state.page === pageBefore) {
      state.active = last;
      draw();
    }
  } else if (event.key === "ArrowUp" && active === 0) {
    if (state.page > 0) turn(-1, ROWS_OF_A_PAGE - 1);
    else {
      filter.focus();
      event.preventDefault();
      return;
    }
  } else if (event.key === "PageDown") turn(1);
  else if (event.key === "PageUp") turn(-1);
  else if (["ArrowDown", "ArrowUp", "Home", "End"].includes(event.key)) {
    state.active = { ArrowDown: active + 1, ArrowUp: active - 1, Home: 0, End: last }[event.key];
    [...body.rows].forEach((row, index) => {
      row.tabIndex = index === state.active ? 0 : -1;
    });
  } else return;
  event.preventDefault();
  if (event.key !== "Enter" && event.key !== "Escape") focus();
}

function problemColumns() {
  const plain = (key, title) => ({ key, title, value: (row) => row[key] ?? "", cell: (row) => strange(`${row[key] ?? "–"}`) });
  const columns = [plain("task_id", "problem")];
  for (const key of ["difficulty", "platform", "month"]) if (TABLE.some((row) => row[key] != null)) columns.push(plain(key, key));
  RUNS.forEach((run, index) =>
    columns.push({
      key: `run ${index}`,
      title: run.name,
      run,
      value: (row) => (row.passed[index]?.[1] ? row.passed[index][0] / row.passed[index][1] : -1),
      cell: (row) => passedCell(run, row.passed[index]),
    }),
  );
  return columns;
}

function passedCell(run, passed) {
  if (!passed) return ["–"];
  const [right, samples] = passed;
  return [
    element(
      "span",
      { class: "share" },
      element("span", { style: `width: ${samples ? (100 * right) / samples : 0}%; background: ${look(run.name).colour}` }),
    ),
    element("span", { class: "of" }, `${right} / ${samples}`),
  ];
}

/** What the set filter can ask: all, solved by every run or none, and each pair's "only". */
function problemSets() {
  const solved = (row) => row.passed.filter((passed) => passed?.[0] > 0).length;
  const sets = [
    { text: "any or none", has: () => true },
    { text: RUNS.length > 1 ? "every run" : RUNS[0].name, has: (row) => solved(row) === RUNS.length },
    { text: "no run", has: (row) => solved(row) === 0 },
  ];
  for (const pair of PAIRS) {
    for (const [set, text] of [
      ["only_a", `${pair.a}, not ${pair.b}`],
      ["only_b", `${pair.b}, not ${pair.a}`],
    ]) {
      const ids = new Set(members(pair, set));
      sets.push({ text, has: (row) => ids.has(row.task_id) });
    }
  }
  return sets;
}

function chosenProblems(state, columns, sets) {
  const text = state.text.trim().toLowerCase();
  const { value } = columns.find((column) => column.key === state.sort);
  const order = new Intl.Collator("en", { numeric: true }).compare;
  const compare = (a, b) => (typeof value(a) === "number" ? value(a) - value(b) : order(value(a), value(b)));
  return TABLE.filter(
    (row) =>
      row.task_id.toLowerCase().includes(text) &&
      sets[state.set].has(row) &&
      (!state.difficulty || row.difficulty === state.difficulty),
  ).sort((a, b) => (state.descending ? -1 : 1) * compare(a, b) || order(a.task_id, b.task_id));
}

function choiceOf(id, title, texts, chosen) {
  return element(
    "label",
    {},
    `${title} `,
    element(
      "select",
      { id, onchange: (event) => chosen(event.target.selectedIndex) },
      texts.map((text) => element("option", {}, text)),
    ),
  );
}

function difficultyChoice(change) {
  const known = [...new Set(TABLE.map((row) => row.difficulty).filter(Boolean))].sort(
    (a, b) => FROM_EASY.indexOf(a) - FROM_EASY.indexOf(b),
  );
  return (
    known.length > 0 &&
    choiceOf("difficulty", "Difficulty", ["any", ...known], (index) => change({ difficulty: index === 0 ? "" : known[index - 1] }))
  );
}
