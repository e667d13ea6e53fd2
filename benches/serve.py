"""The daemon under load, from a client process of its own: small programs, batches of jobs against the command on the same
samples, quiet connections, and requests of every kind.

Not here: the client (load.py).
"""

import json, subprocess, sys
from contextlib import contextmanager
from pathlib import Path

import measure, rows, table, work
from peers.trialbox import Trialbox, fresh

LOAD = Path(__file__).resolve().parent / "load.py"
REPEATS, BATCH, PAIRS = 3, 256, 3
CONNECTIONS, SECONDS = 64, 10
IDLE, MIXED = 10_000, 24_000


@contextmanager
def daemon(trialbox, cache, *words):
    """A daemon on a free port, and its process."""
    command = [trialbox, "serve", "--listen", "127.0.0.1:0", "--while-stdin-is-open", "--cache", cache, *words]
    process = subprocess.Popen([str(word) for word in command], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                               stderr=subprocess.DEVNULL, text=True)
    port = process.stdout.readline().strip().rpartition(":")[2]
    try:
        yield port, process.pid
    finally:
        process.stdin.close()
        process.wait()
        process.stdout.close()


def load(verb, *words):
    done = subprocess.run([sys.executable, LOAD, verb, *map(str, words)], check=True, capture_output=True, text=True)
    return json.loads(done.stdout)


def small_programs(arguments):
    """`/run_code` with print(1)."""
    with daemon(arguments.trialbox, "off", "--python", arguments.python) as (port, pid):
        load("run_code", port, CONNECTIONS, 1)  # the workers are warm from here on
        before_s = measure.tree_cpu_s(pid)
        told = load("run_code", port, CONNECTIONS, SECONDS)
        cpu_s = measure.tree_cpu_s(pid) - before_s
    good = set(told["statuses"]) == {"200"}
    return [f"{told['requests'] / told['wall_s']:.0f}", f"{told['p50_s'] * 1e3:.0f}", f"{told['p99_s'] * 1e3:.0f}",
            f"**{cpu_s / told['requests'] * 1e3:.2f}**", "yes" if good else f"no: {told['statuses']}"]


def batches(arguments, folder):
    """Seconds of the daemon over seconds of the command, pair by pair, and whether the verdicts are as many."""
    problems = work.Work(arguments, folder)
    trialbox = Trialbox(arguments.trialbox, problems, arguments.work_cache, 2)
    trialbox.warm()
    wanted = {row["task_id"] for row in problems.data_rows}
    given = [row for row in rows.read_rows(arguments.samples) if row["task_id"] in wanted]
    texts = [{"task_id": row["task_id"], "solution": f"pass_{turn} = {turn}\n{row['solution']}"} for turn in range(REPEATS) for row in given]
    samples = rows.write_rows(folder / "samples.jsonl", rows.numbered(texts))
    jobs = rows.write_rows(folder / "jobs.jsonl", [{"dataset": "humaneval+", **text} for text in texts])
    pairs, same = [], True
    for _ in range(PAIRS):
        command = trialbox.measure(samples)
        cache = folder / "cache-daemon"
        fresh(trialbox.seed, cache)
        options = ["--data", f"humaneval+={problems.data}", "--python", problems.python, "--workers", "2", "--dedupe", "off"]
        with daemon(arguments.trialbox, cache, *options) as (port, _):
            told = load("verify", port, jobs, BATCH, 2)
        verdicts = [row["verdict"] for row in rows.read_rows(trialbox.out(samples) / "verdicts.jsonl")]
        same &= told["verdicts"] == {name: verdicts.count(name) for name in set(verdicts)}
        pairs.append((told["wall_s"], command.wall_s))
    return len(texts), pairs, same


def section(arguments, folder):
    count, pairs, same = batches(arguments, folder)
    small = small_programs(arguments)
    with daemon(arguments.trialbox, "off") as (port, pid):
        quiet = load("idle", port, IDLE, 12)
        before = measure.pss_bytes(pid)
        mixed = load("mixed", port, MIXED, CONNECTIONS)
        after = measure.pss_bytes(pid)
    refused = {name: number for name, number in mixed["statuses"].items() if name.split()[-1].startswith("5")}
    ratios = ", ".join(f"{ours:.2f} / {theirs:.2f} s = {ours / theirs:.2f}" for ours, theirs in pairs)
    return [
        "## The daemon", "",
        *table.markdown(["requests per second", "p50, ms", "p99, ms", "CPU a request, ms", "every answer right"], [small]), "",
        f"- above: `/run_code` with `print(1)`, {CONNECTIONS} connections for {SECONDS} s; CPU of the daemon's whole tree; the client runs on the same cores",
        f"- `/v1/verify` in batches of {BATCH}, two at once, against `trialbox eval` on the same {count} samples, wall time in pairs: {ratios};"
        f" verdicts {'the same' if same else 'NOT the same'}",
        f"- {IDLE} quiet connections and one that sends a byte a second: {quiet['open_still']} open still, {quiet['served']['requests']} requests served"
        f" beside them in {quiet['served']['wall_s']:.0f} s, health asked {quiet['health']['asked']} times, {quiet['health']['bad']} bad,"
        f" slowest {quiet['health']['slowest_s']:.2f} s",
        f"- {MIXED} requests, honest, hostile, malformed, oversized and aborted, in {mixed['wall_s']:.0f} s: answers of 500 and above"
        f" {refused or 'none'}; health asked {mixed['health']['asked']} times, {mixed['health']['bad']} bad, slowest {mixed['health']['slowest_s']:.2f} s;"
        f" the daemon's own memory {before / 2**20:.1f} MiB before, {after / 2**20:.1f} MiB after",
    ]
