"""What the daemon answers, and what a client makes of it: rows, refusals, and whether to ask again.

Not here: sending anything (`_client`). Pure.
"""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Job = Mapping[str, Any]

# Asking again is safe: a verdict is the same whenever it is asked for. What the daemon says of a job itself will not change.
PASSING_STATUSES = frozenset({429, 502, 503, 504})
FIRST_WAIT_S = 0.25
LONGEST_WAIT_S = 30.0


@dataclass(frozen=True, slots=True)
class Row:
    """What was found of one program. Where it could not be judged, `verdict` is None and `error` says why."""

    index: int
    """Its place among the jobs that were asked about, from 0."""
    id: str
    verdict: str | None
    tests_run: int = 0
    tests_total: int = 0
    tests_passed: int | None = None
    """How many tests are passed, where that was asked for (`tests_passed=True`)."""
    first_failure: Mapping[str, Any] | None = None
    cpu_ms: float = 0.0
    error: str | None = None
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)
    """All that the daemon said (docs/openapi.json)."""

    @property
    def passes(self) -> bool:
        """Whether the program passes all tests."""
        return self.verdict == "pass"

    @property
    def says_nothing(self) -> bool:
        """Whether it tells nothing about the program: the host failed, or the problem is broken. Mask such a sample."""
        return self.verdict in (None, "infra_error")

    @classmethod
    def of(cls, raw: Mapping[str, Any], index: int) -> Row:
        error = raw.get("error")
        return cls(
            index=index,
            id=raw["id"],
            verdict=raw.get("verdict"),
            tests_run=raw.get("tests_run", 0),
            tests_total=raw.get("tests_total", 0),
            tests_passed=raw.get("tests_passed"),
            first_failure=raw.get("first_failure"),
            cpu_ms=raw.get("cpu_ms", 0.0),
            error=f"{error['code']}: {error['message']}" if error else None,
            raw=raw,
        )


class RequestRefused(Exception):
    """The daemon will not answer this request, however often it is asked."""

    def __init__(self, status: int, code: str, message: str, request_id: str | None) -> None:
        super().__init__(f"{message} ({status} {code}, request {request_id})")
        self.status, self.code, self.message, self.request_id = status, code, message, request_id


class Unreachable(Exception):
    """Nobody answered for as long as the client is patient."""


def refused(status: int, body: bytes) -> RequestRefused:
    """The refusal that a body tells of; whatever stands in front of the daemon may answer with another kind of body."""
    try:
        fault = json.loads(body)["error"]
        return RequestRefused(status, fault["code"], fault["message"], fault["request_id"])
    except (ValueError, KeyError, TypeError):
        return RequestRefused(status, "unknown", body[:200].decode(errors="replace"), None)


def wait_s(attempt: int, retry_after: str | None) -> float:
    """How long to wait after the `attempt`th failure, from 0: what the daemon says, else twice as long each time."""
    if retry_after and retry_after.isdecimal():
        return min(float(retry_after), LONGEST_WAIT_S) * random.uniform(1.0, 1.5)
    return min(FIRST_WAIT_S * 2.0 ** min(attempt, 20), LONGEST_WAIT_S) * random.uniform(0.5, 1.0)
