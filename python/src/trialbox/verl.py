"""verl: `custom_reward_function.path=.../trialbox/verl.py name=compute_score` (or `compute_score_batch`).

The daemon is $TRIALBOX_URL. What is right stands in `ground_truth`, or in `extra_info` as `dataset` and `task_id`. `reward` is a
name of `trialbox.rewards` (`custom_reward_function.reward_kwargs.reward=fraction`). verl has no word for a sample that could not be
judged: it is asked for again until the client's patience is over, and then the step fails, rather than learn from a zero.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from trialbox._rows import Row
from trialbox._shared import client
from trialbox.rewards import Shaping, counts_tests, job, labelled, plain, reward_of


class NotJudged(Exception):
    """A sample could not be judged; its reward is not known."""


def compute_score(
    data_source: str,
    solution_str: str,
    ground_truth: Any,
    extra_info: Mapping[str, Any] | None = None,
    *,
    reward: Shaping = "binary",
    **_: Any,
) -> dict[str, Any]:
    """The score of one answer, and what verl logs beside it."""
    return compute_score_batch([data_source], [solution_str], [ground_truth], [extra_info], reward=reward)[0]


def compute_score_batch(
    data_sources: Sequence[str],
    solution_strs: Sequence[str],
    ground_truths: Sequence[Any],
    extra_infos: Sequence[Mapping[str, Any] | None],
    *,
    reward: Shaping = "binary",
    **_: Any,
) -> list[dict[str, Any]]:
    """The scores of a batch."""
    jobs = [_job(*given) for given in zip(solution_strs, ground_truths, extra_infos)]
    rows = client().verify(jobs, tests_passed=counts_tests(reward))
    return [_score(row, text, reward) for row, text in zip(rows, solution_strs)]


def _job(text: str, ground_truth: Any, extra_info: Mapping[str, Any] | None) -> dict[str, Any]:
    extra = plain(extra_info or {})
    if extra.get("dataset") and extra.get("task_id"):
        return job(text, extra)
    return labelled(text, plain(ground_truth))


def _score(row: Row, text: str, reward: Shaping) -> dict[str, Any]:
    score = reward_of(row, text, reward)
    if score is None:
        raise NotJudged(f"{row.id}: {row.error or row.first_failure}")
    return {"score": score, "acc": float(row.passes), "cpu_ms": row.cpu_ms}
