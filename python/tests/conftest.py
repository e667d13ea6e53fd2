"""What all tests share: a daemon, and skips that are seen, and are failures where TRIALBOX_TESTS_STRICT is set."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import pytest

import trialbox

# Daemons keep verdicts in a cache of the tests; what uv has downloaded stays where its user has it.
os.environ.setdefault("UV_CACHE_DIR", str(Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "uv"))
CACHE = tempfile.TemporaryDirectory(prefix="trialbox-tests-")
os.environ["XDG_CACHE_HOME"] = CACHE.name


def skip(why: str) -> NoReturn:
    if os.environ.get("TRIALBOX_TESTS_STRICT") == "1":
        pytest.fail(f"TRIALBOX_TESTS_STRICT: {why}")
    pytest.skip(why)


@pytest.fixture(scope="session")
def daemon() -> Iterator[trialbox.Daemon]:
    with trialbox.serve() as started:
        yield started


@pytest.fixture()
def client(daemon: trialbox.Daemon) -> Iterator[trialbox.Client]:
    with trialbox.Client(daemon.url) as opened:
        yield opened
