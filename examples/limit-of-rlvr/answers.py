"""Files of models' answers, as trialbox and the trainer write them, made into others.

Not here: drawing and judging them (`trialbox`), what is counted (findings.py).
"""

import json
import math
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

Row = dict[str, Any]


def read_rows(file: Path) -> Iterator[Row]:
    """JSON lines."""
    with file.open() as lines:
        yield from map(json.loads, lines)


def write_rows(file: Path, rows: Iterable[Row]) -> int:
    """JSON lines; how many."""
    with file.open("w") as lines:
        return sum(lines.write(json.dumps(row) + "\n") > 0 for row in rows)


def write_few(completions: Path, most: int, folder: Path) -> Path:
    """The first samples of each problem, with what the model was shown beside them."""
    folder.mkdir(exist_ok=True)
    write_rows(folder / "completions.jsonl", (row for row in read_rows(completions) if row["sample"] < most))
    (folder / "prompts.jsonl").write_bytes((completions.parent / "prompts.jsonl").read_bytes())
    return folder / "completions.jsonl"


def write_answers_of_others(completions: Path, most: int, file: Path) -> int:
    """Each problem gets the first answers to the one before it: a control, in which nothing should be right but by chance."""
    rows = [row for row in read_rows(completions) if row["sample"] < most]
    names = list(dict.fromkeys(row["task_id"] for row in rows))
    following = dict(zip(names, names[1:] + names[:1], strict=True))
    return write_rows(
        file, ({"task_id": following[row["task_id"]], "sample": row["sample"], "completion": row["text"]} for row in rows)
    )


def write_right_answers(run: Path, problems: Path, file: Path) -> int:
    """A corpus for train.py: what passed, each program of a problem once."""
    prompts = {row["task_id"]: row["prompt"] for row in read_rows(problems)}
    right = {(row["task_id"], row["sample"]) for row in read_rows(run / "verdicts.jsonl") if row["verdict"] == "pass"}
    drawn = {
        (row["task_id"], row["text"]): None
        for row in read_rows(run / "completions.jsonl")
        if (row["task_id"], row["sample"]) in right
    }
    return write_rows(file, ({"prompt": prompts[task_id], "completion": text} for task_id, text in drawn))


def write_jobs(rollouts: Path, file: Path) -> int:
    """A training log as jobs for `trialbox verify`."""
    return write_rows(
        file,
        (
            {"id": str(place), "dataset": "toy", "task_id": row["task_id"], "completion": row["completion"]}
            for place, row in enumerate(read_rows(rollouts))
        ),
    )


def rewards_beside_verdicts(rollouts: Path, verdicts: Path) -> dict[str, int]:
    """How many rewards of a training log there are, how many were masked, and how many are not what the verdicts say."""
    found = {row["id"]: float(row["verdict"] == "pass") for row in read_rows(verdicts) if row["verdict"] != "infra_error"}
    counts = {"rewards": 0, "masked": 0, "different": 0}
    for place, row in enumerate(read_rows(rollouts)):
        counts["rewards"] += 1
        counts["masked"] += row["reward"] is None
        counts["different"] += row["reward"] is not None and row["reward"] != found.get(str(place))
    return counts


def entropy(completions: Path) -> float:
    """Nats a token: the mean surprise of a model about what it draws at temperature 1 without top-p."""
    surprise = tokens = 0.0
    for row in read_rows(completions):
        surprise -= row["mean_logprob"] * row["tokens"]
        tokens += row["tokens"]
    return surprise / tokens


def mean_log_perplexities(perplexities: Path) -> dict[str, float]:
    """The mean over each problem's answers of the logarithm of their perplexity."""
    of: dict[str, list[float]] = {}
    for row in read_rows(perplexities):
        of.setdefault(row["task_id"], []).append(math.log(row["perplexity"]))
    return {task_id: math.fsum(values) / len(values) for task_id, values in of.items()}


def different_programs(completions: Path) -> float:
    """The mean over problems of how many different texts were drawn."""
    texts: dict[str, set[str]] = {}
    for row in read_rows(completions):
        texts.setdefault(row["task_id"], set()).add(row["text"])
    return sum(map(len, texts.values())) / len(texts)
