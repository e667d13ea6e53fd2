"""Programs and jobs of the tests."""

from __future__ import annotations

from typing import Any

LEDGER = {"dataset": "quickstart", "task_id": "quickstart/fraction_ledger"}
RIGHT = "from fractions import Fraction\nn = int(input())\nprint(sum(Fraction(input()) for _ in range(n)))\n"
WRONG = "print(0)\n"

ADD_TESTS = ["assert add(1, 2) == 3", "assert add(0, 0) == 0"]
ADD = "def add(a, b):\n    return a + b\n"
HALF = "def add(a, b):\n    return a or b\n"


def fenced(program: str) -> str:
    return f"```python\n{program}```"


def add_job(program: str, **more: Any) -> dict[str, Any]:
    return {"tests": ADD_TESTS, "response": fenced(program), **more}
