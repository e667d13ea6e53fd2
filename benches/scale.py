"""164 x 100 real samples of HumanEval+, slow problems and endless loops included: every program run, beside the own work of
the same programs; then equal ones once, then all verdicts out of a full cache.

Every program is run problem by problem in parts, and each part's own work is measured right before it or right after it: what
slow programs cost changes by a third within the hour on a shared machine. The other runs take all samples at once.
Every run begins with expected values known: the cache is a copy of one that holds them and no verdict, but for the last
run, which begins with what the one before left.
Not here: a million samples (synthetic.py).
"""

import os, shlex, shutil, statistics, time

import floor, measure, rows, table, work
from peers.trialbox import Trialbox, every_program, fresh, knows

COMPARED = ("verdict", "base", "plus", "first_failure")
# Looking takes CPU from programs on both cores, and slows what it looks at. Here it is CPU that counts.
LOOK_SHARE = 400
PARTS = 8
# In every part: a hundred of some milliseconds, a second in all.
LOOPS, LOOP_ROUNDS = 100, 500_000


def compared(row):
    """What must be the same: where a limit was exceeded, not by how much."""
    if row["verdict"].endswith("_limit") and row["first_failure"]:
        row["first_failure"].pop("actual")
    return tuple(row.get(name) for name in COMPARED)


class Eval:
    """`trialbox eval` in one way. Its cache is made anew where `warm_from` has one."""

    def __init__(self, trialbox, words, cache, warm_from=None):
        self.trialbox, self.words, self.cache = trialbox, words, cache
        self.out = trialbox.work.folder / "out"
        if warm_from:
            fresh(warm_from, cache)

    def measure(self, samples):
        """What it took, and its rows."""
        shutil.rmtree(self.out, ignore_errors=True)  # or it would be resumed
        command = [*self.trialbox.plain_command, "--samples", samples, "--out", self.out, "--cache", self.cache, *self.words]
        usage = measure.run(command, self.trialbox.work.folder / "log", memory=True, watch=measure.Peak(LOOK_SHARE))
        measure.say(f"{samples.stem} {' '.join(self.words)}: {usage}")
        return usage, rows.read_rows(self.out / "verdicts.jsonl")


def all_samples(arguments):
    """Both files, numbered through."""
    given = [row for file in (arguments.samples, arguments.more_samples) for row in rows.read_rows(file)]
    return rows.numbered({"task_id": row["task_id"], "solution": row["solution"]} for row in given)


def parts(given, folder):
    """All samples of every PARTS-th problem: rows, and their file."""
    turn = {task: number % PARTS for number, task in enumerate(dict.fromkeys(row["task_id"] for row in given))}
    for part in range(PARTS):
        chosen = [row for row in given if turn[row["task_id"]] == part]
        yield chosen, rows.write_rows(folder / f"part-{part}.jsonl", chosen)


def loop_s():
    """CPU time of a fixed loop: how slow the machine is just now. Own work's limits do not stretch with that, trialbox's do."""
    begun = time.process_time()
    for _ in range(LOOP_ROUNDS):
        pass
    return time.process_time() - begun


class Beside:
    """Own work and trialbox, part by part."""

    def __init__(self):
        self.looks, self.rows, self.usages, self.ratios, self.loops = {}, {}, [], [], []

    def measure(self, number, chosen, samples, problems, run):
        own_work = lambda: floor.Floor(problems.folder, problems.python, problems.data, samples).candidates()[0]
        looks = own_work() if number % 2 else None
        self.loops += [loop_s() for _ in range(LOOPS)]
        usage, judged = run.measure(samples)
        looks = looks or own_work()
        self.looks |= {rows.key_of(row): look for row, look in zip(chosen, looks)}
        self.rows |= {rows.key_of(row): row for row in judged}
        self.usages.append(usage)
        self.ratios.append(usage.cpu_s * 1e9 / sum(look["own_ns"] for look in looks))

    def own_s(self, is_endless=None):
        return sum(look["own_ns"] for look in self.looks.values() if is_endless in (None, look["ending"] == "time")) / 1e9

    def judged_s(self, is_endless):
        return sum(row["cpu_ms"] for key, row in self.rows.items() if (self.looks[key]["ending"] == "time") == is_endless) / 1e3

    def differing(self):
        """Samples that pass in one of trialbox and own work only."""
        return table.differences({key: row["verdict"] == "pass" for key, row in self.rows.items()},
                                 {key: look["ending"] == "pass" for key, look in self.looks.items()})


def line(name, own_s, count, cpu_s, usages, judged, differing):
    return [name, f"{cpu_s:.1f}", f"**{cpu_s / own_s:.3f}**", f"{(cpu_s - own_s) * 1e3 / count:.2f}", f"{sum(usage.wall_s for usage in usages):.1f}",
            f"{max(usage.peak_bytes for usage in usages) / 2**20:.0f}", len(judged), sum(row["rerun_alone"] for row in judged), len(differing)]


def section(arguments, folder):
    problems = work.Work(arguments, folder, everything=True)
    given, more = all_samples(arguments), shlex.split(arguments.eval_options)
    # Cores that are two threads of one share it: each would take longer than own work, which is measured alone.
    alone, together = (Trialbox(arguments.trialbox, problems, arguments.work_cache, workers) for workers in (1, os.cpu_count()))
    alone.warm()
    start_s = alone.start_up().cpu_s
    beside = Beside()
    run = Eval(alone, every_program(arguments.trialbox, "eval") + more, folder / "cache-every", alone.seed)
    for number, (chosen, samples) in enumerate(parts(given, folder)):
        beside.measure(number, chosen, samples, problems, run)
    own_s, first = beside.own_s(), {key: compared(row) for key, row in beside.rows.items()}
    cpu_s = sum(usage.cpu_s for usage in beside.usages) - start_s * (PARTS - 1)
    lines = [line("every program", own_s, len(given), cpu_s, beside.usages, beside.rows.values(), [])]
    notes = []
    if knows(arguments.trialbox, "eval", "--dedupe"):
        samples = rows.write_rows(folder / "samples.jsonl", given)
        words, cache = ["--dedupe", "on", *more], folder / "cache-once"
        for name, run in (("equal programs once", Eval(alone, words, cache, alone.seed)), ("from a full cache", Eval(together, words, cache))):
            usage, judged = run.measure(samples)
            differing = table.differences(first, {rows.key_of(row): compared(row) for row in judged})
            lines.append(line(name, own_s, len(given), usage.cpu_s, [usage], judged, differing))
            notes += [f"- {name} differs in {', '.join(differing[:5])}"] if differing else []
    else:
        notes.append("- not measured: equal programs once, and from a full cache; this trialbox has no `--dedupe`")
    different, differing = len({(row["task_id"], row["solution"]) for row in given}), beside.differing()
    header = ["run", "CPU, s", "CPU / own work", "above own work, ms a sample", "wall, s", "peak memory, MiB", "verdicts",
              "taken again alone", "differ from the first run's"]
    return [
        "## Scale: 164 x 100 samples", "",
        *table.markdown(header, lines), "",
        f"- {len(given)} samples of CodeGen-16B on HumanEval+, {different} of them different as texts; own work {own_s:.1f} s in one warm"
        f" interpreter ({problems.python})",
        f"- every program was run in {PARTS} parts, own work beside each: {', '.join(f'{ratio:.2f}' for ratio in beside.ratios)}; start-up, of"
        f" {start_s:.2f} s, counts once",
        f"- a plain loop between the two took, of its best, {statistics.median(beside.loops) / min(beside.loops):.2f} in the middle,"
        f" {max(beside.loops) / min(beside.loops):.2f} at worst",
        f"- programs that end take {beside.judged_s(False):.1f} s, in own work {beside.own_s(False):.1f} s; those that own work ends for their"
        f" time take {beside.judged_s(True):.1f} s and {beside.own_s(True):.1f} s",
        f"- CPU and memory (shared pages counted once) of the whole process tree, one worker, but from a full cache {os.cpu_count()}; memory was looked at for"
        f" one {LOOK_SHARE}th of the time, so short peaks are missed",
        f"- compared are {', '.join(COMPARED)}, but not by how much a limit was exceeded; {len(differing)} samples pass in one of trialbox and own_work.py only"
        + (": " + ", ".join(differing[:5]) if differing else ""),
        *notes,
    ]
