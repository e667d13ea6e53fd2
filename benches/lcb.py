"""LiveCodeBench: trialbox and lcb_runner on the same programs with the same public tests, and the floor (lcb_own_work.py).

Programs that take over 1 s, alone or in trialbox, are left out: they cost what the limit is.
Not here: what lcb_runner's verdicts mean; tests/lcb_runner.rs compares them one by one.
"""

import json, os
from pathlib import Path

import measure, rows, table
from peers import environment
from peers.lcb_runner import LcbRunner
from peers.trialbox import every_program

MOST_OWN_S = 1.0
OWN_LIMIT_S = 2
OWN_WORK = Path(__file__).resolve().parent / "lcb_own_work.py"


def programs_of(problems, samples):
    """(job, what lcb_runner is given) of every sample whose problem has public tests."""
    by_id, result = {row["question_id"]: row for row in problems}, []
    for sample in samples:
        row = by_id[sample["question_id"]]
        tests, name = json.loads(row["public_test_cases"]), json.loads(row["metadata"]).get("func_name")
        if not tests:
            continue
        texts = {"inputs": [test["input"] for test in tests], "outputs": [test["output"] for test in tests], "fn_name": name}
        if name:
            problem = {"entry_point": name, "inputs": [[json.loads(line) for line in text.split("\n")] for text in texts["inputs"]],
                       "expected": [json.loads(text) for text in texts["outputs"]]}
            job = {"mode": "function_io", "semantics": "lcb_call", "problem": problem}
        else:
            problem = {"tests": [{"input": test["input"], "output": test["output"]} for test in tests]}
            job = {"mode": "stdin", "semantics": "lcb_stdio", "problem": problem}
        result.append(({"id": sample["question_id"], "candidate": sample["code"], **job}, texts))
    return result


class Verify:
    """`trialbox verify`."""

    def __init__(self, arguments, folder, python, workers, semantics):
        self.name, self.folder, self.out = f"trialbox {semantics}", folder, folder / f"verify-{semantics}.jsonl"
        self.command = [arguments.trialbox, "verify", "--workers", str(workers), "--backend", "native", "--python", python,
                        "--cache", "off", "--semantics", semantics, *every_program(arguments.trialbox, "verify")]

    def measure(self, programs, memory=False):
        jobs = rows.write_rows(self.folder / "jobs.jsonl", [job for job, _ in programs])
        return measure.run([*self.command, "--jobs", jobs], self.folder / "log", memory, output=self.out)

    def verdicts(self):
        return rows.read_rows(self.out)


def own_seconds(folder, python, programs, memory=False):
    """Per program the CPU of each of its processes, and what measuring took."""
    jobs, out = rows.write_rows(folder / "jobs.jsonl", [job for job, _ in programs]), folder / "own.json"
    usage = measure.run([python, "-S", "-s", OWN_WORK, jobs, str(OWN_LIMIT_S), out], folder / "log", memory, TMPDIR=str(folder))
    return json.loads(out.read_text()), usage


def quick(programs, folder, python, verifiers):
    """The programs of at most a second."""
    own, _ = own_seconds(folder, python, programs)
    kept = [program for program, seconds in zip(programs, own) if sum(seconds) <= MOST_OWN_S]
    for verify in verifiers:
        verify.measure(kept)
        kept = [program for program, row in zip(kept, verify.verdicts()) if row["cpu_ms"] <= MOST_OWN_S * 1e3]
    return kept


def peer_row(arguments, folder, python, kept):
    row = table.Row(LcbRunner.name)
    try:
        peer = LcbRunner(folder, python, arguments.work_cache, os.cpu_count())
        peer.measure(kept[:1], "one")
        row.start_ups.append(peer.measure(kept[:1], "one"))
        row.usages.append(peer.measure(kept, "all", memory=True))
        return row, peer.verdicts("all")
    except (environment.Unavailable, measure.CommandFailed) as error:
        row.reason = " ".join(str(error).split())[-200:]
        return row, []


def section(arguments, folder):
    python, workers = measure.real_interpreter(arguments.python), os.cpu_count()
    programs = programs_of(rows.read_rows(arguments.shared / "data/lcb/lcb_v6_1055_public_only.jsonl.gz"),
                           rows.read_rows(arguments.shared / "data/samples" / arguments.lcb_samples))
    verifiers = [Verify(arguments, folder, python, workers, semantics) for semantics in ("real", "official")]
    kept = programs if arguments.all else quick(programs, folder, python, verifiers)
    one = [({**kept[0][0], "candidate": "raise ValueError"}, kept[0][1])]
    measured, own, floor = {verify.name: table.Row(verify.name) for verify in verifiers}, [], table.Row("the floor")
    for number in range(arguments.rounds):
        seconds, own_usage = own_seconds(folder, python, kept, memory=True)
        own.append((seconds, own_usage))
        for verify in verifiers:
            measured[verify.name].start_ups.append(verify.measure(one))
            measured[verify.name].usages.append(verify.measure(kept, memory=True))
        measure.say(f"LiveCodeBench, round {number + 1} of {arguments.rounds}")
    verdicts = {verify.name: verify.verdicts() for verify in verifiers}
    # A program of a stdin problem is one process a test, up to the first that fails; of another problem one process.
    run = [max(1, row["tests_run"]) if job["mode"] == "stdin" else 1 for (job, _), row in zip(kept, verdicts["trialbox real"])]
    for seconds, usage in own:
        own_s = sum(sum(each[:count]) for each, count in zip(seconds, run))
        floor.usages.append(measure.Usage(own_s, own_s / workers, usage.peak_bytes))
    peer, peer_verdicts = peer_row(arguments, folder, python, kept)
    passed = {name: {(job["id"], None): row["verdict"] == "pass" for (job, _), row in zip(kept, found)} for name, found in verdicts.items()}
    ours = measured["trialbox official"]
    if not peer.reason:
        peer.differing = table.differences(passed[ours.name], {(job["id"], None): ok for (job, _), ok in zip(kept, peer_verdicts)})
    measured["trialbox real"].differing = table.differences(passed[ours.name], passed["trialbox real"])
    left_out = "none is left out" if arguments.all else f"the others take over {MOST_OWN_S:.0f} s, `--all` takes them"
    return [
        "## LiveCodeBench: peers", "",
        *table.comparison([peer, measured["trialbox real"], ours, floor], len(kept), floor, ours), "",
        f"- {len(kept)} of {len(programs)} programs of {arguments.lcb_samples} ({left_out}) with their public tests;"
        f" {sum(run)} test processes under real semantics, one a program under official",
        f"- {python} for all; {workers} workers (one per core); trialbox and the floor: medians of {arguments.rounds} rounds, lcb_runner:"
        " one round; start-up is subtracted",
        "- CPU and memory (shared pages counted once) of the whole process tree; samples per second is wall time and suffers from"
        " whatever else runs here",
        "- the floor is one warm interpreter that forks for each test that trialbox runs under real semantics",
        *table.differing_notes([peer, measured["trialbox real"]], ours),
    ]
