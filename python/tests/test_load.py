"""A daemon under requests of every kind, from a client process of its own (benches/load.py, which measures the same at length)."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import trialbox

LOAD = Path(__file__).resolve().parents[2] / "benches/load.py"
# What each kind of request may be answered with.
ANSWERS = {
    "honest": {"200"},
    "hostile": {"200"},
    "malformed": {"400", "404", "422"},
    "oversized": {"413", "422"},
}


def load(daemon: trialbox.Daemon, verb: str, *words: int) -> Any:
    port = daemon.url.rpartition(":")[2]
    command = [sys.executable, LOAD, verb, port, *map(str, words)]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True, timeout=600).stdout)


def test_requests_of_every_kind_get_answers_of_theirs(daemon: trialbox.Daemon, client: trialbox.Client) -> None:
    told = load(daemon, "mixed", 1500, 64)
    found: dict[str, set[str]] = {}
    for name in told["statuses"]:
        kind, _, status = name.partition(" ")
        found.setdefault(kind, set()).add(status)
    assert found.pop("aborted") == {""}
    assert found.keys() == ANSWERS.keys() and all(found[kind] <= ANSWERS[kind] for kind in found), told
    assert sum(told["statuses"].values()) == 1500
    assert told["health"]["asked"] > 0 and told["health"]["bad"] == 0, told
    assert client.is_healthy()


def test_quiet_and_slow_connections_do_no_harm(daemon: trialbox.Daemon) -> None:
    told = load(daemon, "idle", 500, 3)
    assert told["open_still"] == 500 and told["health"]["bad"] == 0, told
    assert set(told["served"]["statuses"]) == {"200"} and told["served"]["requests"] > 0, told


def test_every_program_of_a_load_is_answered_with_its_own_output(daemon: trialbox.Daemon) -> None:
    told = load(daemon, "run_code", 32, 2)
    assert set(told["statuses"]) == {"200"}, told
