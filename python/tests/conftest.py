"""What all tests share: a daemon, and skips that are seen, and are failures where TRIALBOX_TESTS_STRICT is set."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import NoReturn

import pytest

import trialbox


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
