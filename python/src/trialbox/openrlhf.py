"""OpenRLHF: `--reward.remote_url .../trialbox/openrlhf.py`. Or no file at all: `--reward.remote_url $TRIALBOX_URL/get_reward`.

The daemon is $TRIALBOX_URL, labels are as in docs/http.md. A sample that could not be judged has the reward None, as where
OpenRLHF's own fetch fails.
"""

from __future__ import annotations

import os
from typing import Any

from trialbox._shared import client
from trialbox.rewards import Shaping, counts_tests, labelled, reward_of

REWARD: Shaping = os.environ.get("TRIALBOX_REWARD", "binary")  # type: ignore[assignment]


def reward_func(queries: list[str], prompts: list[str], labels: list[Any], **_: Any) -> dict[str, Any]:
    """Rewards texts, each a prompt with an answer behind it."""
    texts = [query.removeprefix(prompt) for query, prompt in zip(queries, prompts)]
    jobs = [labelled(text, label) for text, label in zip(texts, labels)]
    rows = client().verify(jobs, tests_passed=counts_tests(REWARD))
    return {
        "rewards": [reward_of(row, text, REWARD) for row, text in zip(rows, texts)],
        "scores": [float(row.passes) for row in rows],
        "extra_logs": {"cpu_ms": [row.cpu_ms for row in rows]},
    }
