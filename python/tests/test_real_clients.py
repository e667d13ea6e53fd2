"""Real trainers and their clients against a real daemon, each in an environment of its own (`environments`)."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import environments
import trialbox
from programs import LEDGER

TORCH = ["torch==2.15.0"]
VERL = [
    [
        *TORCH,
        "ray==2.60.0",
        "tensordict==0.10.0",
        "codetiming",
        "hydra-core",
        "peft",
        "torchdata",
        "pylatexenc",
        "aiohttp",
        "httpx",
    ],
    ["--no-deps", "verl==0.9.1", "openrlhf==0.11.2"],
]


def test_trl_trains_on_verdicts(daemon: trialbox.Daemon, tmp_path: Path) -> None:
    python = environments.made("trl", TORCH, ["trl==1.16.0", "httpx"])
    told = environments.run(python, "trl_grpo.py", TRIALBOX_URL=daemon.url)
    assert told["steps"] == 3 and told["moved"] > 0
    seen: list[dict[str, Any]] = told["seen"]
    assert len(seen) == 24 and [row["reward"] for row in seen[::8]] == [None] * 3
    judged = [row for row in seen if row["reward"] is not None]
    assert {row["reward"] for row in judged} == {0.0, 1.0}, "the model knows two answers"
    assert [row["reward"] for row in judged] == verdicts_of_the_command([row["completion"] for row in judged], tmp_path)


def verdicts_of_the_command(completions: list[str], folder: Path) -> list[float]:
    """What `trialbox eval` says of the same completions."""
    samples = folder / "samples.jsonl"
    rows = [{"task_id": LEDGER["task_id"], "sample": place, "response": text} for place, text in enumerate(completions)]
    samples.write_text("".join(json.dumps(row) + "\n" for row in rows))
    command = [environments.binary(), "eval", "quickstart", "--partial", "--samples", samples, "--out", folder / "run"]
    subprocess.run([*command, "--cache", "off"], check=True, capture_output=True)
    found = [json.loads(line) for line in (folder / "run/verdicts.jsonl").read_text().splitlines()]
    return [float(row["verdict"] == "pass") for row in sorted(found, key=lambda row: row["sample"])]


def test_verls_sandbox_fusion_scores_by_run_code(daemon: trialbox.Daemon) -> None:
    python = environments.made("verl-alone", ["requests", "packaging", "numpy"], ["--no-deps", "verl==0.9.1"])
    told = environments.run(python, "verl_sandbox_fusion.py", TRIALBOX_URL=daemon.url)
    right = told["right but for one"]
    assert right["score"] == 0.75
    assert told["function"]["score"] == 1.0
    assert told["raises"]["score"] == told["endless"]["score"] == 0.0
    assert right["verdicts"] == ["success", "success", "wrong_answer", "success"], told
    assert set(told["raises"]["verdicts"]) == {"runtime_error"} and told["endless"]["verdicts"] == ["timeout"], told


def test_verls_reward_manager_scores_both_ways(daemon: trialbox.Daemon) -> None:
    told = environments.run(environments.made("verl", *VERL), "verl_reward_manager.py", TRIALBOX_URL=daemon.url)
    assert told == {"run_code": [1.0, 0.5, 0.0], "compute_score": [1.0, 0.0, 0.0]}


def test_openrlhf_fetches_rewards(daemon: trialbox.Daemon) -> None:
    told = environments.run(environments.made("verl", *VERL), "openrlhf_rewards.py", TRIALBOX_URL=daemon.url)
    one = lambda reward, score: {"rewards": [reward], "scores": [score]}  # noqa: E731
    assert told["http"] == told["file"] == [one(1.0, 1.0), one(0.0, 0.0), one(0.0, 0.0)]
    assert told["fraction"] == [one(1.0, 1.0), one(0.5, 0.0), one(0.0, 0.0)]


def test_sandbox_fusions_own_client_is_content(daemon: trialbox.Daemon) -> None:
    python = environments.made("sandbox-fusion", ["sandbox-fusion==0.3.7"])
    told = environments.run(python, "sandbox_fusion_client.py", TRIALBOX_URL=daemon.url)
    assert told["one"] == ["Success", "77\n", {"out": "bGVmdA=="}]
    assert told["failed"] == ["Failed", 3]
    assert told["late"] == ["Failed", "TimeLimitExceeded"]
    assert told["many"] == [f"{n * n}\n" for n in range(40)]


def test_verifiers_evaluates_a_taskset(daemon: trialbox.Daemon) -> None:
    python = environments.made("verifiers", ["verifiers==0.4.0"])
    told = environments.run(python, "verifiers_eval.py", TRIALBOX_URL=daemon.url)
    assert {row["word"]: row["score"] for row in told} == {"right": 1.0, "wrong": 0.0, "none": 0.0}, told
    assert not any(row["errors"] for row in told), told


def test_a_ray_cluster_loses_a_node_and_no_verdict() -> None:
    python = environments.made("ray", ["ray[data]==2.60.0", "httpx"])
    told = environments.run(python, "ray_cluster.py", RAY_DEDUP_LOGS="0", RAY_USAGE_STATS_ENABLED="0")
    assert told["killed"] == {"verdicts": 12000, "wrong": [], "named": True, "nodes": 3}
    assert told["data"] == [200, True]
    ratios = [pool_s / direct_s for pool_s, direct_s in told["pairs"]]
    # Speed is for people to look at: `pytest -rP` shows it.
    print("seconds of the pool over seconds of daemons driven directly:", [f"{ratio:.2f}" for ratio in ratios])
