#!/usr/bin/env python3
"""What grading costs above the candidates' own work, in CPU time, for trialbox and (with --peers) for evalplus 0.3.1.

The candidates are real model outputs: CodeGen-16B on HumanEval+, 8 per problem. In every round each part is measured
once, so that a drifting machine drifts for all of them; the figures are medians over the rounds. Wall time is never
used: the machine may be busy.

  own work    the candidates alone, in one warm process of the same interpreter (own_work.py)
  trialbox    CPU of `trialbox eval` and of every process below it, as wait4 counts it: candidates are reaped by
              trialbox itself and so are the warm interpreters; start-up is the same command with one trivial sample
  evalplus    the same for `evalplus.evaluate --parallel 1`, its ground truth cached

S1 and S10 are the candidates whose own work is under 1 ms and under 10 ms; `all` ends at 100 ms. Left out by default
are nine problems whose inputs alone take seconds.

Not here: verdicts (they are only compared with those of own_work.py, and counted where they differ).
"""

import argparse, gzip, json, os, shutil, statistics, subprocess, sys, tempfile
from pathlib import Path

import lcb, wasi

HERE = Path(__file__).resolve().parent
SLOW_PROBLEMS = {f"HumanEval/{number}" for number in (2, 15, 25, 49, 55, 60, 63, 96, 155)}
MOST_OWN_NS = 100_000_000
PEER = "evalplus==0.3.1"
TRIVIAL_REPEATS = 8
OVERRUN_MS = 3


def parse_arguments():
    shared = Path(os.environ.get("TRIALBOX_SHARED", HERE.parent.parent / "shared"))
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--trialbox", type=Path, default=HERE.parent / "target/release/trialbox")
    parser.add_argument("--python", default="python3", help="the interpreter that runs the candidates")
    parser.add_argument("--samples", type=Path, default=shared / "data/samples/humaneval_codegen16b_n8.jsonl.gz")
    parser.add_argument("--data", type=Path, default=shared / "data/evalplus/HumanEvalPlus-v0.1.10.jsonl.gz")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--all", action="store_true", help="leave no problem and no candidate out (takes minutes a round)")
    parser.add_argument("--pin", type=int, metavar="CPU", help="run everything on this core")
    parser.add_argument("--peers", action="store_true", help="measure evalplus too (installs it; takes minutes)")
    parser.add_argument("--lcb", action="store_true", help="measure LiveCodeBench's programs instead (lcb.py)")
    parser.add_argument("--wasi", action="store_true", help="measure the WASI backend beside the native one (wasi.py)")
    parser.add_argument("--lcb-samples", default="lcb_qwen2.5-7b_n1.jsonl.gz", metavar="FILE", help="which of the shared ones")
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="write the table there as well")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="keep subsets and verdicts here")
    parser.add_argument("--work-cache", type=Path, metavar="DIR", help="expected values, the peers' environment",
                        default=Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "trialbox-bench")
    arguments = parser.parse_args()
    arguments.lcb_shared = shared
    return arguments


def read_rows(path):
    with (gzip.open if path.suffix == ".gz" else open)(path, "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file if line.strip()]


def numbered(rows):
    """Gives every row the number of its sample, which it need not have; trialbox keeps the number."""
    seen, result = {}, []
    for row in rows:
        number = row.get("sample", seen.get(row["task_id"], 0))
        seen[row["task_id"]] = number + 1
        result.append({**row, "sample": number})
    return result


def write_rows(path, rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def say(text):
    print(text, file=sys.stderr, flush=True)


def cpu_seconds(command, log, **changes):
    """CPU of a command and of all processes that were reaped below it."""
    with open(log, "wb") as output:
        process = subprocess.Popen([str(word) for word in command], stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                                   env={**os.environ, **changes})
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"bench: {command[0]} ended with {process.returncode}:\n{Path(log).read_text(errors='replace')[-2000:]}")
    return usage.ru_utime + usage.ru_stime


def real_interpreter(python):
    """The binary itself: a version manager's shim would start a shell first."""
    return subprocess.check_output([python, "-c", "import sys; print(sys.executable)"], text=True).strip()


class OwnWork:
    def __init__(self, folder, python, data, samples):
        self.folder, self.python = folder, python
        self.state = folder / "own.state"
        self.command = [python, "-S", "-s", HERE / "own_work.py"]
        cpu_seconds([*self.command, "look", data, samples, self.state], folder / "log", PYTHONHASHSEED="0", TMPDIR=str(folder))

    def measure(self):
        out = self.folder / "own.json"
        cpu_seconds([*self.command, "time", self.state, out], self.folder / "log", PYTHONHASHSEED="0", TMPDIR=str(self.folder))
        return json.loads(out.read_text())


class Trialbox:
    name = "trialbox"

    def __init__(self, arguments, folder, python, data, backend="native"):
        self.folder = folder
        self.command = [arguments.trialbox, "eval", "humaneval+", "--partial", "--data", data, "--workers", "1",
                        "--backend", backend, "--python", python, "--cache", arguments.work_cache / "expected"]

    def measure(self, samples):
        out = self.folder / f"out-{samples.stem}"
        return cpu_seconds([*self.command, "--samples", samples, "--out", out], self.folder / "log")

    def verdicts(self, samples):
        rows = read_rows(self.folder / f"out-{samples.stem}" / "verdicts.jsonl")
        return {(row["task_id"], row["sample"]): row for row in rows}


class Evalplus:
    name = "evalplus 0.3.1"

    def __init__(self, arguments, folder, data_rows):
        self.folder, self.data_rows = folder, data_rows
        home = arguments.work_cache / "evalplus"
        self.program = home / "bin" / "evalplus.evaluate"
        if not self.program.exists():
            say(f"installing {PEER}")
            subprocess.run([real_interpreter(arguments.python), "-m", "venv", home], check=True)
            subprocess.run([home / "bin" / "pip", "install", "-q", PEER], check=True)
        self.cache = arguments.work_cache / "evalplus-cache"

    def measure(self, samples):
        """It refuses problems without samples, so each samples file gets data of its own."""
        wanted = {row["task_id"] for row in read_rows(samples)}
        data = write_rows(self.folder / f"data-{samples.stem}.jsonl", [r for r in self.data_rows if r["task_id"] in wanted])
        own = self.folder / f"evalplus-{samples.stem}.jsonl"
        shutil.copy(samples, own)
        own.with_name(own.stem + "_eval_results.json").unlink(missing_ok=True)
        command = [self.program, "--dataset", "humaneval", "--samples", own, "--parallel", "1", "--i-just-wanna-run"]
        return cpu_seconds(command, self.folder / "log", HUMANEVAL_OVERRIDE_PATH=str(data), XDG_CACHE_HOME=str(self.cache))


def trivial(row):
    return {"task_id": row["task_id"], "solution": f"def {row['entry_point']}(*arguments):\n    return ...\n"}


def measure_rounds(grader, own, sets, rounds):
    """Per round: CPU of each set, and own work per candidate."""
    totals, own_rounds = {name: [] for name in sets}, []
    for number in range(rounds):
        if own:
            own_rounds.append([row["own_ns"] for row in own.measure()])
        for name, samples in sets.items():
            totals[name].append(grader.measure(samples))
        say(f"{grader.name}, round {number + 1} of {rounds}: " + ", ".join(f"{n} {totals[n][-1]:.3f} s" for n in sets))
    return totals, own_rounds


def disagreements(verdicts, rows, looks):
    """Candidates that pass in one of trialbox and own_work.py only."""
    found = []
    for row, look in zip(rows, looks):
        verdict = verdicts[row["task_id"], row["sample"]]["verdict"]
        if (verdict == "pass") != (look["ending"] == "pass"):
            found.append(f"{row['task_id']} sample {row['sample']}: {verdict} and {look['ending']}")
    return found


def overruns(verdicts, rows, own_ns):
    """Candidates that were run for long after what settled their verdict, and for how long in all."""
    lost_ms = [verdicts[row["task_id"], row["sample"]]["cpu_ms"] - ns / 1e6 for row, ns in zip(rows, own_ns)]
    lost_ms = [ms for ms in lost_ms if ms > OVERRUN_MS]
    return len(lost_ms), sum(lost_ms)


def spread(values):
    return f"{min(values):.0f} to {max(values):.0f}"


def main():
    arguments = parse_arguments()
    if not arguments.trialbox.exists():
        sys.exit(f"bench: {arguments.trialbox} is missing: cargo build --release")
    if arguments.pin is not None:
        os.sched_setaffinity(0, {arguments.pin})
    folder = arguments.keep.resolve() if arguments.keep else Path(tempfile.mkdtemp(prefix="trialbox-bench-"))
    folder.mkdir(parents=True, exist_ok=True)
    arguments.work_cache.mkdir(parents=True, exist_ok=True)
    try:
        part = lcb if arguments.lcb else wasi if arguments.wasi else None
        if part:
            lines = part.measure(arguments, folder, sys.modules[__name__])
            print("\n".join(lines))
            if arguments.markdown:
                arguments.markdown.write_text("\n".join(lines) + "\n")
        else:
            measure_all(arguments, folder)
    finally:
        if not arguments.keep:
            shutil.rmtree(folder, ignore_errors=True)


def measure_all(arguments, folder):
    python = real_interpreter(arguments.python)
    left_out = set() if arguments.all else SLOW_PROBLEMS
    data_rows = [row for row in read_rows(arguments.data) if row["task_id"] not in left_out]
    data = write_rows(folder / "data.jsonl", data_rows)
    rows = numbered(row for row in read_rows(arguments.samples) if row["task_id"] not in left_out)
    everything = write_rows(folder / "everything.jsonl", rows)
    say(f"{len(rows)} candidates of {len(data_rows)} problems; {python}")

    own = OwnWork(folder, python, data, everything)
    first = own.measure()
    kept = [i for i, look in enumerate(first) if arguments.all or look["own_ns"] <= MOST_OWN_NS]
    members = {
        "S1": [i for i in kept if first[i]["own_ns"] < 1_000_000],
        "S10": [i for i in kept if first[i]["own_ns"] < 10_000_000],
        "all": kept,
    }
    sets = {name: write_rows(folder / f"{name}.jsonl", [rows[i] for i in chosen]) for name, chosen in members.items()}
    start_up = {"start-up": write_rows(folder / "one.jsonl", [trivial(data_rows[0])])}
    ones = write_rows(folder / "trivial.jsonl", [trivial(row) for row in data_rows])
    many = write_rows(folder / "trivials.jsonl", [trivial(row) for row in data_rows for _ in range(1 + TRIVIAL_REPEATS)])

    trialbox = Trialbox(arguments, folder, python, data)
    for samples in (everything if arguments.all else sets["all"], ones):
        trialbox.measure(samples)  # expected values are cached from here on
    differing = disagreements(trialbox.verdicts(everything if arguments.all else sets["all"]), [rows[i] for i in kept],
                              [first[i] for i in kept])
    totals, own_rounds = measure_rounds(trialbox, own, {**start_up, "trivial": ones, "trivials": many, **sets},
                                        arguments.rounds)
    own_ns = [statistics.median(column) for column in zip(*own_rounds)]
    overrun, overrun_ms = overruns(trialbox.verdicts(sets["all"]), [rows[i] for i in kept], [own_ns[i] for i in kept])
    graders = [(trialbox.name, totals)]
    if arguments.peers:
        evalplus = Evalplus(arguments, folder, data_rows)
        for samples in (sets["all"], sets["S10"], sets["S1"], start_up["start-up"]):
            evalplus.measure(samples)  # its ground truth is cached from here on
        graders.append((evalplus.name, measure_rounds(evalplus, None, {**start_up, **sets}, min(arguments.rounds, 2))[0]))

    lines = table(graders, members, own_ns)
    start = statistics.median(totals["start-up"])
    each = [(b - a) * 1e6 / (len(data_rows) * TRIVIAL_REPEATS) for a, b in zip(totals["trivial"], totals["trivials"])]
    plans = [(a - s) * 1e6 / (len(data_rows) - 1) - e for a, s, e in zip(totals["trivial"], totals["start-up"], each)]
    lines += [
        "",
        f"- {python}, {arguments.rounds} rounds, medians; CPU time of the whole process tree, one worker"
        + (f", on core {arguments.pin}" if arguments.pin is not None else ""),
        f"- start-up of trialbox {start * 1e3:.0f} ms, subtracted above",
        f"- a trivial candidate {statistics.median(each):.0f} µs ({spread(each)}), a problem made ready"
        f" {statistics.median(plans):.0f} µs ({spread(plans)}), shared by its candidates and contained above",
        f"- {overrun} of {len(kept)} candidates took over {OVERRUN_MS} ms above their own work, {overrun_ms:.0f} ms in all"
        f" ({overrun_ms * 1e3 / len(kept):.0f} µs per candidate of `all`): run on after their first failure, mostly",
        f"- {len(differing)} candidates pass in one of trialbox and own_work.py only",
    ]
    print("\n".join(lines))
    for line in differing:
        say(line)
    if arguments.markdown:
        arguments.markdown.write_text("\n".join(lines) + "\n")


def table(graders, members, own_ns):
    lines = [
        "| grader | candidates | own work, µs | total, µs | above own, µs | spread over the rounds | total / own | above / trialbox |",
        "|---|---|---|---|---|---|---|---|",
    ]
    ours = {}
    for grader, totals in graders:
        start = statistics.median(totals["start-up"])
        for name, chosen in members.items():
            own = sum(own_ns[i] for i in chosen) / len(chosen) / 1e3
            each = [(seconds - start) * 1e6 / len(chosen) for seconds in totals[name]]
            total = statistics.median(each)
            above = total - own
            ours.setdefault(name, above)
            lines.append(
                f"| {grader} | {name}, {len(chosen)} | {own:.0f} | {total:.0f} | **{above:.0f}** |"
                f" {spread([value - own for value in each])} | {total / own:.2f} | {above / ours[name]:.1f} |"
            )
    return lines


if __name__ == "__main__":
    main()
