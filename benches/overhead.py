"""What trialbox costs above the candidates' own work, in CPU time, with one worker: the table to tune by.

Its parts: start-up, a trivial candidate, a problem made ready. S1, S10 and `all` are sets of candidates (work.py).
Not here: peers (compare.py).
"""

import statistics

import measure, rows, table, work
from peers.trialbox import Trialbox

OVERRUN_MS = 3


def rounds_of(trialbox, samples, sets, rounds):
    """Per round: CPU of each set, and own work per candidate."""
    totals, own_rounds = {name: [] for name in sets}, []
    for number in range(rounds):
        own_rounds.append([candidate["own_ns"] for candidate in samples.floor.candidates()[0]])
        for name, file in sets.items():
            totals[name].append(trialbox.measure(file).cpu_s)
        measure.say(f"round {number + 1} of {rounds}: " + ", ".join(f"{name} {totals[name][-1]:.3f} s" for name in sets))
    return totals, [statistics.median(column) for column in zip(*own_rounds)]


def overruns(verdicts, samples, own_ns):
    """Candidates that were run for long after what settled their verdict, and for how long in all."""
    lost_ms = [verdicts[rows.key_of(row)]["cpu_ms"] - ns / 1e6 for row, ns in zip(samples.rows, own_ns)]
    lost_ms = [ms for ms in lost_ms if ms > OVERRUN_MS]
    return len(lost_ms), sum(lost_ms)


def lines_of(samples, totals, own_ns):
    start = statistics.median(totals["start-up"])
    for name, chosen in samples.members.items():
        own = sum(own_ns[i] for i in chosen) / len(chosen) / 1e3
        each = [(seconds - start) * 1e6 / len(chosen) for seconds in totals[name]]
        total = statistics.median(each)
        yield [f"{name}, {len(chosen)}", f"{own:.0f}", f"{total:.0f}", f"**{total - own:.0f}**",
               table.spread([value - own for value in each]), f"{total / own:.2f}"]


def section(arguments, folder):
    problems = work.Work(arguments, folder)
    samples = work.Samples(arguments, problems)
    trialbox = Trialbox(arguments.trialbox, problems, arguments.work_cache, 1)
    trialbox.warm()
    trialbox.measure(samples.files["all"])
    differing = table.differences(trialbox.verdicts(samples.files["all"]), samples.passed)
    sets = {"start-up": problems.one, "trivial": problems.each, "trivials": problems.many, **samples.files}
    totals, own_ns = rounds_of(trialbox, samples, sets, arguments.rounds)
    overrun, overrun_ms = overruns(trialbox.rows(samples.files["all"]), samples, own_ns)
    count, kept = len(problems.data_rows), len(samples.rows)
    each = [(b - a) * 1e6 / (count * work.TRIVIAL_REPEATS) for a, b in zip(totals["trivial"], totals["trivials"])]
    plans = [(a - s) * 1e6 / (count - 1) - e for a, s, e in zip(totals["trivial"], totals["start-up"], each)]
    header = ["candidates", "own work, µs", "total, µs", "above own, µs", "spread over the rounds", "total / own"]
    return [
        "## HumanEval+: trialbox above the candidates' own work", "",
        *table.markdown(header, lines_of(samples, totals, own_ns)), "",
        samples.left_out_note(problems),
        f"- {problems.python}, {arguments.rounds} rounds, medians; CPU time of the whole process tree, one worker"
        + (f", on core {arguments.pin}" if arguments.pin is not None else ""),
        f"- start-up of trialbox {statistics.median(totals['start-up']) * 1e3:.0f} ms, subtracted above",
        f"- a trivial candidate {statistics.median(each):.0f} µs ({table.spread(each)}), a problem made ready"
        f" {statistics.median(plans):.0f} µs ({table.spread(plans)}), shared by its candidates and contained above",
        f"- {overrun} of {kept} candidates took over {OVERRUN_MS} ms above their own work, {overrun_ms:.0f} ms in all"
        f" ({overrun_ms * 1e3 / kept:.0f} µs per candidate of `all`): run on after their first failure, mostly",
        f"- {len(differing)} candidates pass in one of trialbox and own_work.py only" + (": " + ", ".join(differing[:5]) if differing else ""),
    ]
