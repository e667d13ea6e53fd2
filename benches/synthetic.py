"""A million made-up samples: repeats of right and wrong programs whose texts differ, and differ still when normalised.

The problems are those of HumanEval+ whose canonical solution costs under half a millisecond. Half the programs are that
solution with a constant of their own, the others return a number of their own.
Not here: real samples (scale.py), watching (growth.py).
"""

import gzip, json, shlex, shutil

import floor, growth, measure, table, work
from peers.trialbox import Trialbox, fresh

MOST_CANONICAL_NS = 500_000
WRONG_FROM = 10**9  # no problem's answer


def candidates(data_rows, count, order):
    """(problem, number, whether it is right): all of a problem behind each other, or one of each in turn."""
    for number in range(count):
        if order == "problem":
            yield data_rows[number * len(data_rows) // count], number, number % 2 == 0
        else:
            yield data_rows[number % len(data_rows)], number, number // len(data_rows) % 2 == 0


def program(row, number, right):
    if right:
        return f"{row['prompt']}{row['canonical_solution']}\n# right program {number}\nnumber_of_this_program = {number}\n"
    return f"def {row['entry_point']}(*arguments):\n    # wrong program {number}\n    return {WRONG_FROM + number}\n"


def write(path, data_rows, count, order):
    """Writes the samples; how many of them are right."""
    right_count = 0
    with gzip.open(path, "wt", compresslevel=1, encoding="utf-8") as file:
        for row, number, right in candidates(data_rows, count, order):
            right_count += right
            sample = {"task_id": row["task_id"], "sample": number, "solution": program(row, number, right)}
            file.write(json.dumps(sample) + "\n")
    return right_count


def cheap(arguments, problems):
    """The problems whose canonical solution costs little."""
    solutions = problems.canonical()
    own = floor.Kept(arguments.work_cache, problems.folder, problems.python, problems.data, solutions).candidates
    return [row for row, candidate in zip(problems.data_rows, own) if candidate["own_ns"] <= MOST_CANONICAL_NS]


def passing(verdicts):
    with open(verdicts, encoding="utf-8") as file:
        return sum('"verdict":"pass"' in line for line in file)


def section(arguments, folder):
    count = arguments.synthetic
    problems = work.Work(arguments, folder)
    data_rows = cheap(arguments, problems)
    samples = folder / "synthetic.jsonl.gz"
    right_count = write(samples, data_rows, count, arguments.order)
    trialbox = Trialbox(arguments.trialbox, problems, arguments.work_cache, 2)
    trialbox.warm()
    cache, out = folder / "cache", folder / "out"
    shutil.rmtree(out, ignore_errors=True)
    fresh(trialbox.seed, cache)
    watched = growth.Growth(out / "verdicts.jsonl")
    command = [*trialbox.plain_command, "--samples", samples, "--out", out, "--cache", cache, *shlex.split(arguments.eval_options)]
    usage = measure.run(command, folder / "log", watch=watched)
    return [
        f"## Scale: {count} made-up samples", "",
        *tenths(watched, count), "",
        f"- {count} samples of {len(data_rows)} problems, "
        f"{'problem by problem' if arguments.order == 'problem' else 'interleaved'}, {samples.stat().st_size / 2**20:.0f} MiB as .jsonl.gz; 2 workers",
        f"- peak memory of the trialbox process **{watched.peak_kib / 1024:.0f} MiB** (VmHWM); {usage.cpu_s:.0f} s of CPU in the whole tree,"
        f" {usage.wall_s:.0f} s of wall time, {count / usage.wall_s:.0f} samples per second",
        f"- {passing(out / 'verdicts.jsonl')} pass, as {right_count} should",
    ]


def tenths(watched, count):
    if not watched.seen(count):
        return [f"not measured by tenths: verdicts.jsonl grew in fewer than {growth.FEWEST_LOOKS} steps while the run lasted"]
    found = watched.tenths(count)
    lines = [[number, f"{wall_s:.1f}", f"{count / 10 / wall_s:.0f}", f"{count / 10 / max(cpu_s, 1e-9):.0f}", f"{rss_kib / 1024:.0f}"]
             for number, (wall_s, cpu_s, rss_kib) in enumerate(found, 1)]
    (first_s, first_cpu_s, _), (last_s, last_cpu_s, _) = found[0], found[-1]
    lines.append(["last / first", "", f"**{first_s / last_s:.2f}**", f"**{first_cpu_s / max(last_cpu_s, 1e-9):.2f}**", ""])
    return table.markdown(["tenth", "wall, s", "samples per second", "samples per second of CPU", "resident memory at its end, MiB"], lines)
