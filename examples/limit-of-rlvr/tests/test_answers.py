"""Files of answers made into others."""

import math
from pathlib import Path

import pytest

import answers


def completions(folder: Path) -> Path:
    rows = [
        {
            "task_id": f"t{problem}",
            "sample": sample,
            "text": f"p{problem} s{sample % 2}",
            "tokens": 2,
            "mean_logprob": -0.5 * (sample + 1),
        }
        for problem in range(3)
        for sample in range(3)
    ]
    answers.write_rows(folder / "completions.jsonl", rows)
    (folder / "prompts.jsonl").write_text("prompts\n")
    return folder / "completions.jsonl"


def test_answers_of_others_belong_to_another_problem_each(tmp_path: Path) -> None:
    assert answers.write_answers_of_others(completions(tmp_path), 2, tmp_path / "others.jsonl") == 6
    rows = list(answers.read_rows(tmp_path / "others.jsonl"))
    assert {(row["task_id"], row["completion"][:2]) for row in rows} == {("t1", "p0"), ("t2", "p1"), ("t0", "p2")}
    assert len({(row["task_id"], row["sample"]) for row in rows}) == 6


def test_a_corpus_has_each_right_program_once(tmp_path: Path) -> None:
    completions(tmp_path)
    verdicts = [{"task_id": "t0", "sample": sample, "verdict": "pass"} for sample in range(3)]
    answers.write_rows(tmp_path / "verdicts.jsonl", [*verdicts, {"task_id": "t1", "sample": 0, "verdict": "wrong_answer"}])
    answers.write_rows(tmp_path / "problems.jsonl", [{"task_id": f"t{problem}", "prompt": f"{problem}:"} for problem in range(3)])
    assert answers.write_right_answers(tmp_path, tmp_path / "problems.jsonl", tmp_path / "corpus.jsonl") == 2
    assert list(answers.read_rows(tmp_path / "corpus.jsonl")) == [
        {"prompt": "0:", "completion": "p0 s0"},
        {"prompt": "0:", "completion": "p0 s1"},
    ]


def test_a_few_samples_keep_what_the_model_was_shown(tmp_path: Path) -> None:
    few = answers.write_few(completions(tmp_path), 2, tmp_path / "few")
    assert [row["sample"] for row in answers.read_rows(few)] == [0, 1] * 3 and (few.parent / "prompts.jsonl").exists()


def test_a_reward_that_no_verdict_bears_out_is_counted(tmp_path: Path) -> None:
    rewards = [1.0, 0.0, None, 1.0, 0.0]
    answers.write_rows(tmp_path / "log", [{"task_id": "t", "completion": "", "reward": reward} for reward in rewards])
    verdicts = ["pass", "wrong_answer", "pass", "time_limit", "infra_error"]
    answers.write_rows(tmp_path / "said", [{"id": str(place), "verdict": verdict} for place, verdict in enumerate(verdicts)])
    counts = answers.rewards_beside_verdicts(tmp_path / "log", tmp_path / "said")
    assert counts == {"rewards": 5, "masked": 1, "different": 2}


def test_entropy_is_the_mean_surprise_of_a_token(tmp_path: Path) -> None:
    assert answers.entropy(completions(tmp_path)) == pytest.approx(1.0)
    assert answers.different_programs(tmp_path / "completions.jsonl") == 2


def test_perplexities_are_averaged_as_logarithms(tmp_path: Path) -> None:
    answers.write_rows(tmp_path / "said", [{"task_id": "t", "perplexity": value} for value in (1.0, math.e**3)])
    assert answers.mean_log_perplexities(tmp_path / "said") == {"t": pytest.approx(1.5)}
