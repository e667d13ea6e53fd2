"""TRL: `reward_func` for GRPOTrainer and its like.

trainer = GRPOTrainer(reward_funcs=trialbox.trl.reward_func(), ...)
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ._client import Client
from .rewards import Answers, Shaping, counts_tests, job, reward_of, text_of


def reward_func(
    client: Client | None = None,
    *,
    reward: Shaping = "binary",
    semantics: str = "real",
    answers: Answers = "response",
) -> Callable[..., list[float | None]]:
    """A reward function. The columns of the dataset say what is right (`rewards.job`); a sample that could not be judged
    gets None, which TRL masks. A base model that goes on behind a function's head gives a `completion`."""
    known = client or Client()

    def trialbox_reward(completions: list[Any], **columns: Any) -> list[float | None]:
        texts = [text_of(completion) for completion in completions]
        lists = {key: values for key, values in columns.items() if isinstance(values, list) and len(values) == len(texts)}
        rows_in = [{key: values[place] for key, values in lists.items()} for place in range(len(texts))]
        jobs = [job(text, row, answers) for text, row in zip(texts, rows_in)]
        rows = known.verify(jobs, semantics=semantics, tests_passed=counts_tests(reward))
        return [reward_of(row, text, reward) for row, text in zip(rows, texts)]

    return trialbox_reward
