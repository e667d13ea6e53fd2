"""Rewards: how rows become numbers, and how a trainer's columns become jobs.

Not here: the trainers' own signatures (`trl`, `verl`, `openrlhf`, `slime`, `verifiers`), asking the daemon (`Client`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, Literal

from ._rows import Row

Shape = Literal["binary", "fraction", "code_r1"]
Shaping = Shape | Callable[[Row, str], float]
"""A named shape, or a function of a row and the model's text."""

Answers = Literal["response", "completion"]
"""What a model's text is: an answer in which a program stands, or what goes on behind the prompt of the problem."""

TESTS = ("tests", "verification_info", "ground_truth", "reward_model", "input_output", "label", "answer")
"""Under these names trainers' datasets have their tests, in this order of preference."""


def binary(row: Row, text: str) -> float:
    """1 for a program that passes all tests, else 0."""
    return float(row.passes)


def fraction(row: Row, text: str) -> float:
    """The share of tests that are passed."""
    return (row.tests_passed or 0) / row.tests_total if row.tests_total else 0.0


def code_r1(row: Row, text: str) -> float:
    """Code-R1's: -1.1 for a text that is not in its form or holds no program, else 0.1, and 1 more for one that passes."""
    if row.verdict == "no_code" or not has_code_r1s_form(text):
        return -1.1
    return 0.1 + float(row.passes)


def has_code_r1s_form(text: str) -> bool:
    """Code-R1's `validate_response_structure`: each of four tags once, in their order."""
    tags = ("<think>", "</think>", "<answer>", "</answer>")
    return [match.group() for match in re.finditer("|".join(tags), text)] == list(tags)


SHAPES: dict[str, Callable[[Row, str], float]] = {"binary": binary, "fraction": fraction, "code_r1": code_r1}


def shape(shaping: Shaping) -> Callable[[Row, str], float]:
    """The function of a shape."""
    if callable(shaping):
        return shaping
    if shaping not in SHAPES:
        raise ValueError(f"reward: expected {', '.join(SHAPES)} or a function, found {shaping!r}")
    return SHAPES[shaping]


def counts_tests(shaping: Shaping) -> bool:
    """Whether rows must say how many tests are passed: a user's own function may want to know."""
    return callable(shaping) or shaping == "fraction"


def reward_of(row: Row, text: str, shaping: Shaping) -> float | None:
    """The reward; None where nothing is known of the program."""
    return None if row.says_nothing else shape(shaping)(row, text)


def text_of(completion: Any) -> str:
    """The text of a completion: a string, or the last message of a conversation."""
    if isinstance(completion, str):
        return completion
    content = completion[-1]["content"] if completion else ""
    return content if isinstance(content, str) else "".join(part.get("text", "") for part in content)


def job(text: str, row: Mapping[str, Any], answers: Answers = "response") -> dict[str, Any]:
    """The job of a model's text and a row of a trainer's dataset: `dataset` and `task_id`, or tests under any of `TESTS`."""
    if row.get("dataset") and row.get("task_id"):
        return {"dataset": row["dataset"], "task_id": row["task_id"], answers: text}
    if answers != "response":
        raise ValueError(f"a {answers} goes on with a prompt: expected the columns dataset and task_id; found {', '.join(row)}")
    limits = {"limits": row["limits"]} if row.get("limits") else {}
    for key in TESTS:
        found = row.get(key)
        if found is not None:
            return labelled(text, found) | limits
    raise ValueError(f"expected the columns dataset and task_id, or one of {', '.join(TESTS)}; found {', '.join(row)}")


def labelled(text: str, label: Any) -> dict[str, Any]:
    """The job of a model's text and a label: `{dataset, task_id}`, tests, or either as JSON in a string."""
    found = label
    if isinstance(found, str):
        try:
            found = json.loads(found)
        except ValueError:
            pass  # the daemon says what is wrong with it
    if isinstance(found, Mapping):
        if "ground_truth" in found and "inputs" not in found:
            return labelled(text, found["ground_truth"])
        if "dataset" in found or "tests" in found:
            return {**found, "response": text}
        if "test_cases" in found:
            return {"tests": plain(found["test_cases"]), "language": found.get("language", "python"), "response": text}
    return {"tests": plain(found), "response": text}


def plain(value: Any) -> Any:
    """A value as JSON has it: datasets hold numpy's arrays and numbers."""
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items() if item is not None}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if hasattr(value, "tolist"):
        return plain(value.tolist())
    return value
