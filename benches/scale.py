"""164 x 100 real samples of HumanEval+, slow problems and endless loops included: every program run, then equal ones once,
then all verdicts out of a full cache; each against the own work of the whole set.

Every run begins with expected values known: the cache is a copy of one that holds them and no verdict, but for the last
run, which begins with what the second left. Own work is measured once for the same programs, data and interpreter, and kept.
Not here: a million samples (synthetic.py).
"""

import shlex, shutil

import floor, measure, own_work, rows, table, work
from peers.trialbox import Trialbox, fresh, knows

COMPARED = ("verdict", "base", "plus", "first_failure")
# Looking takes CPU from programs on both cores, and slows what it looks at. Here it is CPU that counts.
LOOK_SHARE = 400


def compared(row):
    """What must be the same: where a limit was exceeded, not by how much."""
    if row["verdict"].endswith("_limit") and row["first_failure"]:
        row["first_failure"].pop("actual")
    return tuple(row.get(name) for name in COMPARED)


class Eval:
    """One way to run `trialbox eval` on all samples."""

    def __init__(self, name, trialbox, cache, words):
        self.name, self.trialbox, self.cache, self.words = name, trialbox, cache, words
        self.out = trialbox.work.folder / f"out-{name.replace(' ', '-')}"

    def measure(self, samples, warm_from=None):
        shutil.rmtree(self.out, ignore_errors=True)  # or it would be resumed
        if warm_from:
            fresh(warm_from, self.cache)
        command = [*self.trialbox.plain_command, "--samples", samples, "--out", self.out, "--cache", self.cache, *self.words]
        usage = measure.run(command, self.trialbox.work.folder / "log", memory=True, watch=measure.Peak(LOOK_SHARE))
        measure.say(f"{self.name}: {usage}")
        return usage

    def verdicts(self):
        """What is compared, by sample; and how many were taken again alone, for they were close to a limit."""
        found = rows.read_rows(self.out / "verdicts.jsonl")
        return {rows.key_of(row): compared(row) for row in found}, sum(row["rerun_alone"] for row in found)


def all_samples(arguments, folder):
    """Both files, numbered through."""
    given = [row for file in (arguments.samples, arguments.more_samples) for row in rows.read_rows(file)]
    given = rows.numbered({"task_id": row["task_id"], "solution": row["solution"]} for row in given)
    return given, rows.write_rows(folder / "samples.jsonl", given)


def runs(arguments, trialbox, folder):
    """The runs in their order, and whether each begins with the seed's cache."""
    more = shlex.split(arguments.eval_options)
    every = ["--dedupe", "off"] if knows(arguments.trialbox, "eval", "--dedupe") else []
    yield Eval("every program", trialbox, folder / "cache-every", every + more), True
    if every:
        yield Eval("equal programs once", trialbox, folder / "cache-once", ["--dedupe", "on"] + more), True
        yield Eval("from a full cache", trialbox, folder / "cache-once", ["--dedupe", "on"] + more), False


def section(arguments, folder):
    problems = work.Work(arguments, folder, everything=True)
    given, samples = all_samples(arguments, folder)
    own = floor.Kept(arguments.work_cache, folder, problems.python, problems.data, samples)
    own_s, drifts = own.own_s(), [own.drift()]
    # Cores that are two threads of one share it: each would take longer than own work, which is measured alone.
    trialbox = Trialbox(arguments.trialbox, problems, arguments.work_cache, 1)
    trialbox.warm()
    start_s = trialbox.start_up().cpu_s
    lines, plain, notes = [], None, []
    for run, begins_fresh in runs(arguments, trialbox, folder):
        usage, (verdicts, alone) = run.measure(samples, trialbox.seed if begins_fresh else None), run.verdicts()
        plain = plain or verdicts
        differing = table.differences(plain, verdicts)
        drifts.append(own.drift())
        slowness = sum(drifts[-2:]) / 2
        lines.append([run.name, f"{usage.cpu_s:.1f}", f"**{usage.cpu_s / own_s:.3f}**", f"{usage.cpu_s / own_s / slowness:.3f}",
                      f"{(usage.cpu_s - start_s - own_s) * 1e3 / len(given):.2f}", f"{usage.wall_s:.1f}",
                      f"{usage.peak_bytes / 2**20:.0f}", len(verdicts), alone, len(differing)])
        notes += [f"- {run.name} differs in {', '.join(differing[:5])}"] if differing else []
    if len(lines) == 1:
        notes.append("- not measured: equal programs once, and from a full cache; this trialbox has no `--dedupe`")
    passed = {rows.key_of(row): look["ending"] == "pass" for row, look in zip(given, own.candidates)}
    apart = table.differences({key: verdict[0] == "pass" for key, verdict in plain.items()}, passed)
    different = len({(row["task_id"], row["solution"]) for row in given})
    header = ["run", "CPU, s", "CPU / own work", "the same / drift around it", "above own work, ms a sample", "wall, s", "peak memory, MiB",
              "verdicts", "taken again alone", "differ from the first run's"]
    return [
        "## Scale: 164 x 100 samples", "",
        *table.markdown(header, lines), "",
        f"- {len(given)} samples of CodeGen-16B on HumanEval+, {different} of them different as texts; own work {own_s:.1f} s in one warm"
        f" interpreter ({problems.python}), measured once and kept",
        f"- drift is own work of the programs under {own_work.SLOW_NS // 10**6} ms, measured again before the runs and after each, over what"
        f" was kept: {', '.join(f'{drift:.2f}' for drift in drifts)}; what is over 1 is the machine, not trialbox",
        f"- CPU and memory (shared pages counted once) of the whole process tree, one worker; start-up of {start_s:.2f} s is part of CPU and"
        f" ratio, not of what is above own work; memory was looked at for one {LOOK_SHARE}th of the time, so short peaks are missed",
        f"- compared are {', '.join(COMPARED)}, but not by how much a limit was exceeded; {len(apart)} samples pass in one of trialbox and own_work.py only"
        + (": " + ", ".join(apart[:5]) if apart else ""),
        *notes,
    ]
