"""verifiers: functions for a rubric.

    rubric = vf.Rubric(funcs=[trialbox.verifiers.reward_func()])

What is right stands in `info` (`dataset` and `task_id`, or tests), else in `answer`. verifiers takes an exception for a zero: a
sample that could not be judged is asked for again until the client's patience is over.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from ._client import AsyncClient
from ._shared import async_client
from .rewards import TESTS, Shaping, counts_tests, job, labelled, reward_of, text_of


class NotJudged(Exception):
    """A sample could not be judged; its reward is not known."""


async def reward_of_text(
    text: str, answer: Any, info: Mapping[str, Any], reward: Shaping = "binary", client: AsyncClient | None = None
) -> float:
    """The reward of a model's text."""
    is_told = info.get("task_id") or any(info.get(key) is not None for key in TESTS)
    asked = job(text, info) if is_told else labelled(text, answer)
    rows = await (client or async_client()).verify([asked], tests_passed=counts_tests(reward))
    found = reward_of(rows[0], text, reward)
    if found is None:
        raise NotJudged(f"{rows[0].id}: {rows[0].error or rows[0].first_failure}")
    return found


def reward_func(client: AsyncClient | None = None, *, reward: Shaping = "binary") -> Callable[..., Awaitable[float]]:
    """A function for a rubric."""

    async def trialbox_reward(completion: Any, answer: Any = None, info: Any = None, **_: Any) -> float:
        return await reward_of_text(text_of(completion), answer, info or {}, reward, client)

    return trialbox_reward
