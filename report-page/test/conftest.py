"""What the tests share: pages of invented runs, and one Chromium. Without Chromium they are skipped, which is seen, and are
failures where TRIALBOX_TESTS_STRICT is set.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import chromium
import fixture


class Reports:
    """Pages by name, with the data that they were made of."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.pages = fixture.write_all(folder)

    def data(self, name: str) -> dict[str, Any]:
        return json.loads((self.folder / f"{name}.json").read_text())


@pytest.fixture(scope="session")
def reports(tmp_path_factory: pytest.TempPathFactory) -> Reports:
    return Reports(tmp_path_factory.mktemp("reports"))


@pytest.fixture(scope="session")
def browser() -> Iterator[chromium.Browser]:
    if chromium.program() is None:
        if os.environ.get("TRIALBOX_TESTS_STRICT") == "1":
            pytest.fail("TRIALBOX_TESTS_STRICT: no chromium")
        pytest.skip("no chromium: apt-get install chromium")
    started = chromium.Browser()
    yield started
    started.close()
