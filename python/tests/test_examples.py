"""The examples, each in its own environment, by its own tests."""

from __future__ import annotations

import os
import subprocess

import environments

LIMIT_OF_RLVR = environments.PYTHON_FOLDER.parent / "examples/limit-of-rlvr"


def test_the_small_paper_runs_whole() -> None:
    python = environments.made_for(LIMIT_OF_RLVR)
    environment = {**os.environ, "TRIALBOX_BINARY": environments.binary(), "PYTHONPATH": str(environments.PYTHON_FOLDER / "src")}
    command = [python, "-m", "pytest", "-q", "-p", "no:cacheprovider", LIMIT_OF_RLVR / "tests"]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=1800)
    assert done.returncode == 0, f"{done.stdout[-8000:]}\n{done.stderr[-3000:]}"
