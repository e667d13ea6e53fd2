"""The LiveCodeBench part of bench.py: trialbox and lcb_runner on the same programs with the same public tests.

  trialbox    CPU of `trialbox verify`, start-up subtracted, under both semantics
  lcb_runner  CPU of `evaluate_generations_by_problem`, one process per sample, from PyPI `nvidia-livecodebench`
  own work    the programs alone: one warm interpreter forks for each test and runs it with a real stdin, or calls it

Programs that take over 1 s, alone or in trialbox, are left out: they cost what the limit is.
Not here: verdicts; tests/lcb_runner.rs compares them.
"""

import json, statistics, subprocess

PEER = "nvidia-livecodebench==26.3"
MOST_OWN_S = 1.0


def jobs_of(problems, samples):
    """(job, what lcb_runner is given) of every sample whose problem has public tests."""
    rows, result = {row["question_id"]: row for row in problems}, []
    for sample in samples:
        row = rows[sample["question_id"]]
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


OWN_WORK = r'''
import collections, functools, heapq, io, itertools, json, math, os, random, re, resource, signal, string, sys
names = {}
for module in "string re datetime collections heapq bisect copy math random statistics itertools functools operator io sys json builtins typing".split():
    exec(f"from {module} import *", names)
names.update((module, sys.modules[module]) for module in "string re datetime collections heapq bisect copy math random".split())
fork = os.fork

def cpu_of(work):
    """CPU of `work` alone, as its process measures it, and whether it went well."""
    reader, writer = os.pipe()
    pid = fork()
    if pid == 0:
        null = os.open("/dev/null", os.O_RDWR)
        os.dup2(null, 1), os.dup2(null, 2)
        resource.setrlimit(resource.RLIMIT_CPU, (8, 8))
        resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
        import time
        begun = time.process_time()
        try:
            work()
        except BaseException:
            pass
        os.write(writer, repr(time.process_time() - begun).encode())
        os._exit(0)
    os.close(writer)
    said = os.read(reader, 100)
    os.close(reader)
    os.waitpid(pid, 0)
    return float(said) if said else 8.0

def script(job, test):
    def work():
        sys.stdin, sys.stdout = io.TextIOWrapper(io.BytesIO(test["input"].encode())), io.StringIO()
        exec(compile(job["candidate"], "p", "exec"), {**names, "__name__": "__main__"})
    return work

def calls(job):
    def work():
        space = dict(names)
        exec(compile(job["candidate"], "p", "exec"), space)
        entry = job["problem"]["entry_point"]
        for arguments in job["problem"]["inputs"]:
            (getattr(space["Solution"](), entry) if "Solution" in space else space[entry])(*arguments)
    return work

out = []
for line in open(sys.argv[1]):
    job = json.loads(line)
    works = [script(job, test) for test in job["problem"]["tests"]] if job["mode"] == "stdin" else [calls(job)]
    out.append([cpu_of(work) for work in works])
json.dump(out, open(sys.argv[2], "w"))
'''

PEER_RUN = r'''
import json, sys
from livecodebench.evaluation.compute_code_generation_metrics import evaluate_generations_by_problem
for line in open(sys.argv[1]):
    code, texts = json.loads(line)
    evaluate_generations_by_problem(([code], {"input_output": json.dumps(texts)}, False, 6))
'''


def measure(arguments, folder, tools):
    """The lines of the table. `tools` are bench.py's own functions."""
    python = tools.real_interpreter(arguments.python)
    shared = arguments.lcb_shared
    rows = jobs_of(tools.read_rows(shared / "data/lcb/lcb_v6_1055_public_only.jsonl.gz"),
                   tools.read_rows(shared / "data/samples" / arguments.lcb_samples))
    everything = tools.write_rows(folder / "lcb.jsonl", [job for job, _ in rows])
    log, own_out = folder / "log", folder / "lcb-own.json"
    tools.cpu_seconds([python, "-S", "-s", "-c", OWN_WORK, everything, own_out], log, TMPDIR=str(folder))
    own = json.loads(own_out.read_text())
    def trialbox(file, semantics):
        return tools.cpu_seconds([arguments.trialbox, "verify", "--jobs", file, "--workers", "1", "--backend", "native", "--python", python,
                                  "--cache", "off", "--semantics", semantics], log)

    def verdicts():
        return [json.loads(line) for line in log.read_text().splitlines()]

    slow = {i for i, seconds in enumerate(own) if sum(seconds) > MOST_OWN_S}
    for semantics in ("real", "official"):
        trialbox(everything, semantics)
        slow |= {i for i, row in enumerate(verdicts()) if row["cpu_ms"] > MOST_OWN_S * 1e3}
    kept = [i for i in range(len(rows)) if i not in slow]
    jobs = tools.write_rows(folder / "lcb-kept.jsonl", [rows[i][0] for i in kept])
    one = tools.write_rows(folder / "lcb-one.jsonl", [{**rows[kept[0]][0], "candidate": "raise ValueError"}])
    peers = tools.write_rows(folder / "lcb-peer.jsonl", [[rows[i][0]["candidate"], rows[i][1]] for i in kept])
    peers_none = tools.write_rows(folder / "lcb-peer-none.jsonl", [])

    totals = {}
    home = arguments.work_cache / "lcb"
    if arguments.peers and not (home / "bin/python").exists():
        tools.say(f"installing {PEER}")
        subprocess.run([python, "-m", "venv", home], check=True)
        subprocess.run([home / "bin/pip", "install", "-q", "numpy", "tqdm"], check=True)
        subprocess.run([home / "bin/pip", "install", "-q", "--no-deps", PEER], check=True)
    for number in range(arguments.rounds):
        for semantics in ("real", "official"):
            seconds = trialbox(jobs, semantics) - trialbox(one, semantics)
            totals.setdefault(f"trialbox, {semantics}", []).append(seconds)
        if arguments.peers and number == 0:
            command = [home / "bin/python", "-c", PEER_RUN]
            totals["lcb_runner"] = [tools.cpu_seconds([*command, peers], log) - tools.cpu_seconds([*command, peers_none], log)]
    trialbox(jobs, "real")
    # A program of a stdin problem is one process a test, up to the first that fails; of another problem one process.
    run = [max(1, row["tests_run"]) if rows[i][0]["mode"] == "stdin" else 1 for i, row in zip(kept, verdicts())]
    own_total = sum(sum(own[i][:count]) for i, count in zip(kept, run))
    lines = ["", f"LiveCodeBench: {len(kept)} of {len(rows)} programs of {arguments.lcb_samples} (the others take over"
             f" {MOST_OWN_S:.0f} s), {sum(run)} test processes under real semantics; own work {own_total * 1e3 / len(kept):.2f} ms a program", "",
             "| grader | CPU a program, ms | above own work | above own work a test process |", "|---|---|---|---|"]
    for name, values in totals.items():
        total = statistics.median(values)
        processes = sum(run) if name.endswith("real") else len(kept)
        lines.append(f"| {name} | {total * 1e3 / len(kept):.2f} | **{(total - own_total) * 1e3 / len(kept):.2f}** |"
                     f" {(total - own_total) * 1e3 / processes:.2f} |")
    return lines
