"""What is graded: real model outputs (CodeGen-16B) on HumanEval+, subsets of them, and trivial candidates.

Left out by default are nine problems whose inputs alone take seconds, and candidates of over 100 ms. S1 and S10 are the
candidates whose own work is under 1 ms and under 10 ms.
Not here: the graders.
"""

import functools
from pathlib import Path

import floor, measure, rows

SLOW_PROBLEMS = {f"HumanEval/{number}" for number in (2, 15, 25, 49, 55, 60, 63, 96, 155)}
MOST_OWN_NS = 100_000_000
TRIVIAL_REPEATS = 8


class Work:
    """Problems and their data in a folder."""

    def __init__(self, arguments, folder, data=None, everything=False):
        self.folder, self.python = folder, measure.real_interpreter(arguments.python)
        self.everything = everything or arguments.all
        left_out = set() if self.everything else SLOW_PROBLEMS
        self.data_rows = [row for row in rows.read_rows(data or arguments.data) if row["task_id"] not in left_out]
        self.data = rows.write_rows(folder / "data.jsonl", self.data_rows)
        trivials = lambda name, repeats, answer="...": rows.write_rows(
            folder / f"{name}.jsonl", rows.numbered(rows.trivial(row, answer) for row in self.data_rows for _ in range(repeats)))
        self.each, self.many = trivials("each", 1), trivials("many", 1 + TRIVIAL_REPEATS)
        self.warming = trivials("warming", 1, "'expected values are known from here on'")
        self.one = rows.write_rows(folder / "one.jsonl", rows.numbered([rows.trivial(self.data_rows[0])]))

    @functools.cache
    def check_texts(self):
        """The problems with their tests as a text, for graders that take them so."""
        out = self.folder / "check-texts.jsonl"
        script = Path(__file__).resolve().parent / "peers/check_text.py"
        measure.run([self.python, "-s", script, self.data, out], self.folder / "log", PYTHONHASHSEED="0")
        return out

    def canonical(self):
        solutions = [{"task_id": row["task_id"], "solution": row["prompt"] + row["canonical_solution"]} for row in self.data_rows]
        return rows.write_rows(self.folder / "canonical.jsonl", rows.numbered(solutions))


class Samples:
    """The candidates and the floor below them."""

    def __init__(self, arguments, work):
        wanted = {row["task_id"] for row in work.data_rows}
        given = rows.numbered(row for row in rows.read_rows(arguments.samples) if row["task_id"] in wanted)
        measure.say(f"{len(given)} candidates of {len(work.data_rows)} problems; {work.python}")
        looked = floor.Floor(work.folder, work.python, work.data, rows.write_rows(work.folder / "given.jsonl", given))
        looks, _ = looked.candidates()
        kept = [i for i, look in enumerate(looks) if work.everything or look["own_ns"] <= MOST_OWN_NS]
        self.given_count, self.rows, looks = len(given), [given[i] for i in kept], [looks[i] for i in kept]
        self.members = {
            "S1": [i for i, look in enumerate(looks) if look["own_ns"] < 1_000_000],
            "S10": [i for i, look in enumerate(looks) if look["own_ns"] < 10_000_000],
            "all": list(range(len(looks))),
        }
        self.files = {name: rows.write_rows(work.folder / f"{name}.jsonl", [self.rows[i] for i in chosen])
                      for name, chosen in self.members.items()}
        self.floor = looked if len(kept) == len(given) else floor.Floor(work.folder, work.python, work.data, self.files["all"])
        self.passed = {rows.key_of(row): look["ending"] == "pass" for row, look in zip(self.rows, looks)}

    def left_out_note(self, work):
        if work.everything:
            return f"- all {len(self.rows)} candidates of {len(work.data_rows)} problems"
        return (f"- {len(self.rows)} candidates of {len(work.data_rows)} problems: left out are {len(SLOW_PROBLEMS)} problems whose inputs"
                f" alone take seconds, and {self.given_count - len(self.rows)} candidates of over {MOST_OWN_NS // 10**6} ms (`--all` takes them)")
