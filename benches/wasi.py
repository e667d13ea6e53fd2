"""The WASI part of bench.py: what a candidate costs in the guest, and how much slower its own work is there.

  fixed cost   CPU of trivial candidates, nine times as many against one each
  slowdown     CPU of canonical solutions on all inputs of HumanEval+, fixed cost and start-up subtracted, over their own
               work in one warm interpreter of the host (own_work.py); fuel is counted, as it always is
  memory       anonymous pages of trialbox with many instances alive at once, over those with few: what each has written,
               and no longer shares with the guest's image

The native backend is measured beside it, the same way. The slow problems of bench.py are left out.
Not here: verdicts.
"""

import json, statistics, subprocess, time

ALIVE, FEW = 48, 8
START_S = 1.5
LIVES = "import sys\nfor _ in range(10**7):\n    pass\nprint(1)\n"


def measure(arguments, folder, tools):
    """The lines of the table. `tools` are bench.py's own functions."""
    python = tools.real_interpreter(arguments.python)
    data_rows = [row for row in tools.read_rows(arguments.data) if row["task_id"] not in tools.SLOW_PROBLEMS]
    data = tools.write_rows(folder / "data.jsonl", data_rows)
    canonical = [{"task_id": row["task_id"], "solution": row["prompt"] + row["canonical_solution"]} for row in data_rows]
    work = tools.write_rows(folder / "canonical.jsonl", tools.numbered(canonical))
    own = tools.OwnWork(folder, python, data, work)
    one = tools.write_rows(folder / "one.jsonl", [tools.trivial(data_rows[0])])
    each = tools.write_rows(folder / "each.jsonl", [tools.trivial(row) for row in data_rows])
    many = tools.write_rows(folder / "many.jsonl",
                            [tools.trivial(row) for row in data_rows for _ in range(1 + tools.TRIVIAL_REPEATS)])
    graders = {backend: tools.Trialbox(arguments, folder, python, data, backend) for backend in ("wasi", "native")}
    for grader in graders.values():
        grader.measure(work)  # the guest is compiled, and limits and expected values are known, from here on
    rounds, own_s = {backend: [] for backend in graders}, []
    for number in range(arguments.rounds):
        own_s.append(sum(row["own_ns"] for row in own.measure()) / 1e9)
        for backend, grader in graders.items():
            rounds[backend].append([grader.measure(samples) for samples in (one, each, many, work)])
        tools.say(f"round {number + 1} of {arguments.rounds}")
    lines = ["", f"{len(canonical)} canonical solutions of HumanEval+, own work {statistics.median(own_s):.2f} s in one warm"
             f" interpreter ({python}); {arguments.rounds} rounds, medians", "",
             "| backend | a trivial candidate, ms | spread | own work here / there | spread | private memory an instance, KiB |",
             "|---|---|---|---|---|---|"]
    for backend, measured in rounds.items():
        fixed = [(c - b) * 1e3 / (len(data_rows) * tools.TRIVIAL_REPEATS) for _, b, c, _ in measured]
        slower = [(w - b) / s for (_, b, _, w), s in zip(measured, own_s)]
        memory = f"{private_kib(arguments, folder, python, tools):.0f}" if backend == "wasi" else ""
        lines.append(f"| {backend} | **{statistics.median(fixed):.2f}** | {min(fixed):.2f} to {max(fixed):.2f} |"
                     f" **{statistics.median(slower):.2f}** | {min(slower):.2f} to {max(slower):.2f} | {memory} |")
    return lines


def private_kib(arguments, folder, python, tools):
    """What one more instance takes that is alive, of pages that are its own."""
    job = {"mode": "stdin", "semantics": "lcb_stdio", "candidate": LIVES, "problem": {"tests": [{"input": "", "output": "1\n"}]},
           "limits": {"time_s": 60}}
    jobs = tools.write_rows(folder / "alive.jsonl", [{"id": str(number), **job} for number in range(ALIVE)])

    def most(workers):
        process = subprocess.Popen([arguments.trialbox, "verify", "--jobs", jobs, "--workers", str(workers), "--backend", "wasi"],
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        seen, begun = 0, time.monotonic()
        while process.poll() is None:
            if time.monotonic() < begun + START_S:
                time.sleep(0.05)
                continue  # loading the guest takes more, for a moment
            try:
                with open(f"/proc/{process.pid}/smaps_rollup") as file:
                    lines = [line.split() for line in file if line.startswith("Anonymous")]
                seen = max(seen, *(int(words[1]) for words in lines))
            except (OSError, TypeError):
                pass  # it has just ended
            time.sleep(0.05)
        return seen

    return (most(ALIVE) - most(FEW)) / (ALIVE - FEW)
