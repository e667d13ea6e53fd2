"""slime: `--custom-rm-path trialbox.slime.reward`, and `trialbox.slime.group_reward` with `--group-rm`. Or, without this package,
`--rm-type remote_rm --rm-url $TRIALBOX_URL/remote_rm`.

The daemon is $TRIALBOX_URL; what is right stands in a sample's `label`, or in its `metadata` as `dataset` and `task_id`.
"""

from __future__ import annotations

import os
from typing import Any

from trialbox._shared import async_client
from trialbox.rewards import Shaping, counts_tests, job, labelled, reward_of

REWARD: Shaping = os.environ.get("TRIALBOX_REWARD", "binary")  # type: ignore[assignment]


class NotJudged(Exception):
    """A sample could not be judged; its reward is not known."""


async def reward(args: Any, sample: Any, **_: Any) -> float:
    """The reward of one sample."""
    return (await group_reward(args, [sample]))[0]


async def group_reward(args: Any, samples: list[Any], **_: Any) -> list[float]:
    """The rewards of a group."""
    jobs = [_job(sample) for sample in samples]
    rows = await async_client().verify(jobs, tests_passed=counts_tests(REWARD))
    rewards = [reward_of(row, sample.response, REWARD) for row, sample in zip(rows, samples)]
    known = [value for value in rewards if value is not None]
    if len(known) < len(rewards):
        raise NotJudged(next(f"{row.id}: {row.error or row.first_failure}" for row in rows if row.says_nothing))
    return known


def _job(sample: Any) -> dict[str, Any]:
    metadata = sample.metadata or {}
    if metadata.get("dataset") and metadata.get("task_id"):
        return job(sample.response, metadata)
    return labelled(sample.response, sample.label)
