"""Environments of the real clients: each made once with uv, kept under target/, and named by what is in it."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from conftest import skip

PYTHON_FOLDER = Path(__file__).resolve().parents[1]
HOME = Path(os.environ.get("CARGO_TARGET_DIR", PYTHON_FOLDER.parent / "target")) / "python-environments"
CLIENTS = Path(__file__).resolve().parent / "clients"
# What uv says where a registry cannot be reached.
UNREACHABLE = ("error sending request", "dns error", "connect", "timed out", "no route", "network")


def made(name: str, *installs: Sequence[str]) -> Path:
    """The interpreter of an environment into which these were installed, one after the other: words for `uv pip install`."""
    uv = shutil.which("uv")
    if uv is None:
        skip("there is no uv")
    key = hashlib.sha256(json.dumps([sys.version, *map(list, installs)]).encode()).hexdigest()[:12]
    folder = HOME / f"{name}-{key}"
    python = folder / "bin/python"
    if not (folder / "whole").exists():
        shutil.rmtree(folder, ignore_errors=True)
        run = lambda *words: subprocess.run([uv, *words], capture_output=True, text=True)  # noqa: E731
        steps = [["venv", "--quiet", "--python", sys.executable, str(folder)]]
        steps += [["pip", "install", "--quiet", "--python", str(python), *words] for words in installs]
        for step in steps:
            done = run(*step)
            if done.returncode:
                said = done.stderr.strip()
                if any(word in said.lower() for word in UNREACHABLE):
                    skip(f"{name} cannot be downloaded: {said[-300:]}")
                pytest.fail(f"uv {' '.join(step)}: {said}")
        (folder / "whole").touch()
    return python


def made_for(project: Path) -> Path:
    """The interpreter of an environment with what a project's uv.lock names."""
    uv = shutil.which("uv")
    if uv is None:
        skip("there is no uv")
    words = [uv, "export", "--quiet", "--frozen", "--no-hashes", "--no-annotate", "--no-header", "--project", str(project)]
    locked = subprocess.run(words, capture_output=True, text=True)
    assert locked.returncode == 0, locked.stderr
    return made(project.name, locked.stdout.splitlines())


def run(python: Path, script: str, *words: str, limit_s: float = 900, **settings: str) -> Any:
    """What a client's script printed on its last line, as JSON. It finds this package, and its own folder."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(PYTHON_FOLDER / "src"), str(CLIENTS)]), **settings}
    environment |= {"HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false", "TRIALBOX_BINARY": binary()}
    done = subprocess.run([python, CLIENTS / script, *words], capture_output=True, text=True, env=environment, timeout=limit_s)
    assert done.returncode == 0, f"{script}:\n{done.stdout[-3000:]}\n{done.stderr[-6000:]}"
    return json.loads(done.stdout.strip().splitlines()[-1])


def binary() -> str:
    from trialbox._daemon import binary

    return binary()
