"""The WASI backend beside the native one: what a candidate costs in the guest, and how much slower its own work is there.

  fixed cost   CPU of trivial candidates, nine times as many against one each
  slowdown     CPU of canonical solutions on all inputs of HumanEval+, fixed cost and start-up subtracted, over their own
               work in one warm interpreter of the host (own_work.py); fuel is counted, as it always is
  memory       anonymous pages of trialbox with many instances alive at once, over those with few: what each has written,
               and no longer shares with the guest's image

The slow problems of work.py are left out.
Not here: verdicts.
"""

import statistics, time

import floor, measure, rows, table, work
from peers.trialbox import Trialbox

ALIVE, FEW = 48, 8
START_S = 1.5
LIVES = "import sys\nfor _ in range(10**7):\n    pass\nprint(1)\n"


def section(arguments, folder):
    problems = work.Work(arguments, folder)
    solutions = problems.canonical()
    own = floor.Floor(folder, problems.python, problems.data, solutions)
    graders = {backend: Trialbox(arguments.trialbox, problems, arguments.work_cache, 1, backend) for backend in ("wasi", "native")}
    for grader in graders.values():
        grader.warm()
    rounds, own_s = {backend: [] for backend in graders}, []
    for number in range(arguments.rounds):
        own_s.append(sum(candidate["own_ns"] for candidate in own.candidates()[0]) / 1e9)
        for backend, grader in graders.items():
            rounds[backend].append([grader.measure(file).cpu_s for file in (problems.each, problems.many, solutions)])
        measure.say(f"round {number + 1} of {arguments.rounds}")
    lines = []
    for backend, measured in rounds.items():
        fixed = [(many - each) * 1e3 / (len(problems.data_rows) * work.TRIVIAL_REPEATS) for each, many, _ in measured]
        slower = [(worked - each) / seconds for (each, _, worked), seconds in zip(measured, own_s)]
        memory = f"{private_kib(arguments, folder, problems.python):.0f}" if backend == "wasi" else ""
        lines.append([backend, f"**{statistics.median(fixed):.2f}**", f"{min(fixed):.2f} to {max(fixed):.2f}",
                      f"**{statistics.median(slower):.2f}**", f"{min(slower):.2f} to {max(slower):.2f}", memory])
    header = ["backend", "a trivial candidate, ms", "spread", "own work here / there", "spread", "private memory an instance, KiB"]
    return [
        "## The WASI guest", "",
        *table.markdown(header, lines), "",
        f"- {len(problems.data_rows)} canonical solutions of HumanEval+, own work {statistics.median(own_s):.2f} s in one warm interpreter"
        f" ({problems.python}); {arguments.rounds} rounds, medians",
        "- fuel is counted, as it always is",
    ]


def private_kib(arguments, folder, python):
    """What one more instance takes that is alive, of pages that are its own."""
    job = {"mode": "stdin", "semantics": "lcb_stdio", "candidate": LIVES, "problem": {"tests": [{"input": "", "output": "1\n"}]},
           "limits": {"time_s": 60}}
    jobs = rows.write_rows(folder / "alive.jsonl", [{"id": str(number), **job} for number in range(ALIVE)])

    def most(workers):
        pages = AnonymousPages()
        measure.run([arguments.trialbox, "verify", "--jobs", jobs, "--workers", str(workers), "--backend", "wasi", "--python", python],
                    folder / "log", watch=pages)
        return pages.most_kib

    return (most(ALIVE) - most(FEW)) / (ALIVE - FEW)


class AnonymousPages:
    """The most that a process held, once the guest is loaded: that takes more, for a moment."""

    def __init__(self):
        self.most_kib = 0

    def __call__(self, pid, ended):
        time.sleep(START_S)
        while not ended.wait(0.05):
            try:
                with open(f"/proc/{pid}/smaps_rollup") as file:
                    self.most_kib = max(self.most_kib, *(int(line.split()[1]) for line in file if line.startswith("Anonymous")))
            except (OSError, TypeError):
                return  # it has just ended
