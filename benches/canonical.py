"""Canonical solutions of HumanEval+ and MBPP+, slow tasks included: all right, so every input is run.

Not here: wrong programs (compare.py, overhead.py).
"""

import statistics

import floor, measure, table, work
from peers.trialbox import Trialbox


def measured(arguments, folder, dataset, data):
    folder.mkdir(exist_ok=True)
    problems = work.Work(arguments, folder, data, everything=True)
    solutions = problems.canonical()
    measure.say(f"{dataset}: {len(problems.data_rows)} canonical solutions")
    own = floor.Floor(folder, problems.python, problems.data, solutions)
    trialbox = Trialbox(arguments.trialbox, problems, arguments.work_cache, 1, dataset=dataset)
    trialbox.warm()
    own_s, total_s, ratios = [], [], []
    for number in range(arguments.rounds):
        candidates, _ = own.candidates()
        own_s.append(sum(candidate["own_ns"] for candidate in candidates) / 1e9)
        total_s.append(trialbox.measure(solutions).cpu_s)
        ratios.append(total_s[-1] / own_s[-1])
        measure.say(f"{dataset}, round {number + 1} of {arguments.rounds}: own {own_s[-1]:.2f} s, trialbox {total_s[-1]:.2f} s")
    right = sum(trialbox.verdicts(solutions).values())
    return [dataset, len(problems.data_rows), f"{statistics.median(own_s):.2f}", f"{statistics.median(total_s):.2f}",
            f"**{statistics.median(ratios):.3f}**", f"{min(ratios):.3f} to {max(ratios):.3f}", right,
            sum(candidate["ending"] == "pass" for candidate in candidates)]


def section(arguments, folder):
    lines = [measured(arguments, folder / name, name, data)
             for name, data in (("humaneval+", arguments.data), ("mbpp+", arguments.mbpp_data))]
    header = ["dataset", "programs", "own work, s", "trialbox, s", "trialbox / own work", "spread", "pass in trialbox", "pass in own_work.py"]
    return [
        "## Canonical solutions", "",
        *table.markdown(header, lines), "",
        f"- {measure.real_interpreter(arguments.python)}, {arguments.rounds} rounds, medians; CPU time of the whole process tree, one worker,"
        " start-up included, expected values cached before; no problem is left out",
        "- the own work of programs of over 100 ms is measured once, by the look that finds where they end; what does not pass in"
        " own_work.py ended there early, and counts for less than it is",
    ]
