"""Rewards: what trainers hand over becomes jobs, and rows become numbers."""

from __future__ import annotations

import asyncio
import json
import types
from typing import Any

import pytest

import trialbox
import trialbox.openrlhf
import trialbox.slime
import trialbox.trl
import trialbox.verifiers
import trialbox.verl
from programs import ADD, ADD_TESTS, HALF, LEDGER, RIGHT, WRONG, fenced
from trialbox import rewards

THOUGHT = "<think>hm</think><answer>{}</answer>"
TEXTS = [fenced(ADD), fenced(HALF), "I do not know."]


@pytest.fixture(autouse=True)
def one_daemon(daemon: trialbox.Daemon, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRIALBOX_URL", daemon.url)


def row(verdict: str | None, **more: Any) -> trialbox.Row:
    return trialbox.Row(index=0, id="a", verdict=verdict, **more)


def test_shapes_are_what_they_are_called() -> None:
    right, wrong, none = row("pass"), row("wrong_answer", tests_passed=3, tests_total=4), row("no_code")
    in_form = THOUGHT.format("x")
    assert [rewards.binary(it, "") for it in (right, wrong, none)] == [1.0, 0.0, 0.0]
    assert [rewards.fraction(it, "") for it in (wrong, none)] == [0.75, 0.0]
    assert [rewards.code_r1(it, in_form) for it in (right, wrong, none)] == [1.1, 0.1, -1.1]
    assert rewards.code_r1(right, "x") == rewards.code_r1(right, in_form + "<think>") == -1.1
    assert rewards.reward_of(right, "text", lambda row, text: len(text)) == 4
    with pytest.raises(ValueError, match="binary, fraction, code_r1"):
        rewards.shape("best")  # type: ignore[arg-type]


def test_what_says_nothing_has_no_reward() -> None:
    for nothing in (row("infra_error"), row(None, error="bad_problem: no")):
        assert rewards.reward_of(nothing, "", "binary") is None


@pytest.mark.parametrize(
    "columns",
    [
        {"tests": ADD_TESTS},
        {"tests": json.dumps(ADD_TESTS)},
        {"ground_truth": {"fn_name": "add", "inputs": [[1, 2], [0, 0]], "outputs": [3, 0]}},
        {"reward_model": {"style": "rule", "ground_truth": json.dumps({"functional": "\n".join(ADD_TESTS)})}},
        {"label": json.dumps({"tests": ADD_TESTS, "limits": {"time_s": 2}})},
        {"answer": {"pytest": "def test_add():\n    assert add(1, 2) == 3"}},
    ],
)
def test_tests_are_found_in_any_column_and_form(client: trialbox.Client, columns: dict[str, Any]) -> None:
    found = client.verify([rewards.job(text, columns) for text in TEXTS])
    assert [row.verdict for row in found] == ["pass", "wrong_answer", "no_code"]


def test_stdin_tests_of_open_r1_are_found(client: trialbox.Client) -> None:
    info = {"language": "python", "test_cases": [{"input": "1\n2", "output": "3", "type": None}]}
    text = fenced("print(int(input()) + int(input()))\n")
    assert client.verify([rewards.job(text, {"verification_info": info})])[0].passes


def test_columns_that_say_nothing_are_an_error() -> None:
    with pytest.raises(ValueError, match="found prompt, task_id"):
        rewards.job("", {"prompt": "p", "task_id": "a"})


def test_trl_gets_a_number_for_each_completion_and_none_for_what_is_broken(client: trialbox.Client) -> None:
    reward = trialbox.trl.reward_func(client, reward="fraction")
    conversations = [[{"role": "assistant", "content": text}] for text in TEXTS]
    columns = {"tests": [ADD_TESTS] * 3, "prompts": ["p"] * 3, "trainer_state": object(), "completion_ids": [[1]] * 3}
    assert reward(completions=conversations, **columns) == [1.0, 0.5, 0.0]
    named = {"dataset": ["quickstart"] * 2, "task_id": [LEDGER["task_id"]] * 2}
    assert reward(completions=[fenced(RIGHT), "nothing"], **named) == [1.0, 0.0]
    assert reward.__name__ == "trialbox_reward"


def test_trl_judges_what_goes_on_behind_a_prompt(client: trialbox.Client) -> None:
    reward = trialbox.trl.reward_func(client, answers="completion")
    named = {"dataset": ["quickstart"] * 2, "task_id": ["quickstart/squeeze_runs"] * 2}
    right = (
        "    from itertools import groupby\n"
        "    runs = [(symbol, len(list(run))) for symbol, run in groupby(text)]\n"
        "    return ''.join(symbol * (count if symbol in '0123456789' else min(count, keep)) for symbol, count in runs)\n"
    )
    assert reward(completions=[right, "    return text\n"], **named) == [1.0, 0.0]
    with pytest.raises(ValueError, match="a completion goes on with a prompt"):
        reward(completions=[right], tests=[ADD_TESTS])


def test_verl_gets_scores_one_by_one_and_in_batches() -> None:
    truth = json.dumps({"functional": "\n".join(ADD_TESTS)})
    one = trialbox.verl.compute_score("any", fenced(ADD), truth, {"index": 0}, sandbox_fusion_url=None)
    assert (one["score"], one["acc"]) == (1.0, 1.0)
    extra = [{"index": 0}, None, LEDGER]
    texts = [fenced(WRONG), fenced(ADD), fenced(RIGHT)]
    batch = trialbox.verl.compute_score_batch(["a"] * 3, texts, [truth, truth, ""], extra, reward="fraction")
    assert [found["score"] for found in batch] == [0.0, 1.0, 1.0]


def test_openrlhf_gets_its_three_keys() -> None:
    prompt = "Add. ```python\nraise SystemExit\n```"
    found = trialbox.openrlhf.reward_func([prompt + text for text in TEXTS], [prompt] * 3, [json.dumps(ADD_TESTS)] * 3)
    assert (found["rewards"], found["scores"]) == ([1.0, 0.0, 0.0], [1.0, 0.0, 0.0])
    assert len(found["extra_logs"]["cpu_ms"]) == 3


def test_slime_gets_rewards_of_samples_and_groups() -> None:
    def sample(text: str, label: Any, metadata: Any = None) -> Any:
        return types.SimpleNamespace(prompt="p", response=text, label=label, metadata=metadata)

    async def ask() -> tuple[float, list[float]]:
        group = [sample(TEXTS[1], json.dumps(ADD_TESTS)), sample(fenced(RIGHT), None, LEDGER)]
        return await trialbox.slime.reward(None, sample(TEXTS[0], ADD_TESTS)), await trialbox.slime.group_reward(None, group)

    assert asyncio.run(ask()) == (1.0, [0.0, 1.0])


def test_verifiers_gets_a_number_from_info_or_answer() -> None:
    reward = trialbox.verifiers.reward_func()

    async def ask() -> list[float]:
        said = [{"role": "assistant", "content": fenced(ADD)}]
        return [
            await reward(completion=said, answer="", info={"tests": ADD_TESTS}, state={}),
            await reward(completion=said, answer=json.dumps(ADD_TESTS), info={}),
            await reward(completion=[{"role": "assistant", "content": fenced(WRONG)}], answer="", info=LEDGER),
        ]

    assert asyncio.run(ask()) == [1.0, 1.0, 0.0]


def test_what_cannot_be_judged_fails_where_a_zero_would_be_learnt_from(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trialbox.Client, "verify", lambda self, jobs, **_: [row("infra_error")])
    with pytest.raises(trialbox.verl.NotJudged):
        trialbox.verl.compute_score("a", TEXTS[0], ADD_TESTS)
    assert trialbox.openrlhf.reward_func([""], [""], [ADD_TESTS])["rewards"] == [None]
