"""Completions by a model on the CPU: trialbox beside transformers, and many samples of one prompt beside as many prompts.

Both draw at temperature 0.6 and top-p 0.95 from the same folder with as many threads; rounds are paired, one after the other,
and the median ratio counts. What samples have in common trialbox computes once, which counts too; with made-up weights they part at
the first tokens. Not here: the two programs that draw (sampler/examples/throughput.rs, sample_peer.py).
"""

import json, os, statistics, subprocess
from pathlib import Path

import measure, table
from peers import environment

HERE = Path(__file__).resolve().parent
PEER = HERE / "sample_peer.py"
INSTALLS = ["torch==2.15.0", "transformers==5.23.0"]
BATCH = ["--batch", "32", "--prompt-tokens", "64", "--new-tokens", "64"]
SHARED = ["--batch", "128", "--prompt-tokens", "300", "--new-tokens", "64"]


def told(command):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if done.returncode:
        raise measure.CommandFailed(f"{command[0]}: {done.stderr.strip()[-500:]}")
    return json.loads(done.stdout.strip().splitlines()[-1])


def section(arguments, folder):
    subprocess.run(["cargo", "build", "--release", "-q", "-p", "trialbox-sampler", "--example", "throughput"], check=True, cwd=HERE.parent)
    ours = Path(os.environ.get("CARGO_TARGET_DIR", HERE.parent / "target")) / "release/examples/throughput"
    model, threads = Path(arguments.sampling), ["--threads", str(os.cpu_count())]
    python = arguments.transformers or environment.prepared(arguments.work_cache / "transformers", "python3", INSTALLS)
    pairs = []
    for _ in range(arguments.rounds):
        pair = told([ours, model, *BATCH, *threads]), told([python, PEER, model, *BATCH, *threads])
        pairs.append([run["decode_tokens_per_s"] for run in pair] + [run["whole_tokens_per_s"] for run in pair])
    middle = lambda values: statistics.median(values)
    rows = [
        ["trialbox", f"{middle(pair[0] for pair in pairs):.0f}", f"{middle(pair[2] for pair in pairs):.0f}"],
        ["transformers", f"{middle(pair[1] for pair in pairs):.0f}", f"{middle(pair[3] for pair in pairs):.0f}"],
        ["**ratio**", f"**{middle(pair[0] / pair[1] for pair in pairs):.2f}**", f"**{middle(pair[2] / pair[3] for pair in pairs):.2f}**"],
    ]
    together = [(told([ours, model, *SHARED, *threads]), told([ours, model, *SHARED, *threads, "--apart"])) for _ in range(arguments.rounds)]
    cost = middle(apart["whole_tokens_per_s"] / shared["whole_tokens_per_s"] for shared, apart in together)
    return [
        f"## Sampling on the CPU: {model.name}",
        "",
        "Tokens per second, 32 samples of a prompt of 64 tokens, 64 new tokens each, f32:",
        "",
        *table.markdown(["", "decoding", "prompt included"], rows),
        "",
        f"128 samples of one prompt of 300 tokens, 64 new tokens each, cost **{cost:.2f} x** of drawing them one by one.",
        "",
    ]
