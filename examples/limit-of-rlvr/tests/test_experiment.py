"""The whole experiment, with counts of a few: $TRIALBOX_BINARY trains, judges and reports, and its daemon is killed meanwhile."""

import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
PAPER = HERE.parent / "paper.py"
PATIENCE_S = 900


def command(out: Path, *words: str, settings: Path = HERE / "tiny.toml") -> list[str]:
    return [sys.executable, str(PAPER), "--out", str(out), "--settings", str(settings), "--jobs", "2", *words]


def daemon_of(process: subprocess.Popen) -> int | None:
    """The daemon that a process has started."""
    for folder in Path("/proc").iterdir():
        try:
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            words = (folder / "cmdline").read_bytes().split(b"\0")
        except (OSError, ValueError, IndexError):
            continue
        if parent == process.pid and b"serve" in words:
            return int(folder.name)
    return None


def kill_the_daemon_in_training(process: subprocess.Popen, rollouts: Path) -> int:
    """Kills it once the first rewards have come."""
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end and process.poll() is None:
        pid = daemon_of(process)
        if pid and rollouts.exists() and rollouts.stat().st_size:
            os.kill(pid, signal.SIGKILL)
            return pid
        time.sleep(0.05)
    process.kill()
    pytest.fail(f"no rewards came: {process.communicate()}")


@pytest.fixture(scope="module")
def experiment(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A run of everything, and what it said."""
    out = tmp_path_factory.mktemp("experiment") / "out"
    process = subprocess.Popen(command(out, "--all"), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    kill_the_daemon_in_training(process, out / "base-1/grpo-1/rollouts.jsonl")
    said, _ = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0, said
    return out, said


def test_killing_the_daemon_only_delays_the_training(experiment: tuple[Path, str]) -> None:
    out, said = experiment
    assert "the daemon was started again 1 times" in said
    counts = [json.loads(file.read_text()) for file in out.glob("base-1/*-again/counts.json")]
    # Two of GRPO, one of RLOO, the series and the narrow run.
    assert [row["masked"] for row in counts] == [0] * 5 == [row["different"] for row in counts]
    assert sum(row["rewards"] for row in counts) == 16 * (3 * 4 + 4 + 3)


def test_every_claim_is_told_of_with_its_interval(experiment: tuple[Path, str]) -> None:
    out, _ = experiment
    found = (out / "findings.md").read_text()
    for claim in (
        "RL raises pass@1",
        "the base overtakes",
        "RL alone solves",
        "likely under the base",
        "algorithms differ",
        "distillation",
    ):
        line = next(line for line in found.splitlines() if claim in line)
        assert "[" in line and any(verdict in line for verdict in ("| shows |", "| the contrary shows |", "| cannot be said |")), (
            line
        )
    for run in ("base", "grpo-2", "rloo-1", "series-step-2", "narrow", "teacher", "distilled"):
        assert f"| {run} |" in found, run
    assert "| samples that could not be judged | 0 |" in found and "| of these right | 0 |" in found
    assert all((out / name).stat().st_size > 10_000 for name in ("curves.png", "variants.png"))
    assert (out / "base-1/report/page/report.html").exists()


def test_what_is_done_is_kept_and_what_is_missing_is_done(experiment: tuple[Path, str]) -> None:
    out, _ = experiment
    before = (out / "findings.md").read_text()
    log = (out / "base-1/grpo-1/rollouts.jsonl").stat().st_mtime_ns
    fewer = subprocess.run(command(out), capture_output=True, text=True, timeout=PATIENCE_S)
    assert fewer.returncode == 0 and "| distilled |" not in (out / "findings.md").read_text(), fewer.stderr
    again = subprocess.run(command(out, "--all"), capture_output=True, text=True, timeout=PATIENCE_S)
    assert again.returncode == 0, again.stderr
    assert (out / "base-1/grpo-1/rollouts.jsonl").stat().st_mtime_ns == log
    without_times = [line for line in before.splitlines() if "minutes" not in line]
    assert [line for line in (out / "findings.md").read_text().splitlines() if "minutes" not in line] == without_times


def test_other_settings_are_refused_by_name(experiment: tuple[Path, str], tmp_path: Path) -> None:
    out, _ = experiment
    other = tmp_path / "other.toml"
    other.write_text((HERE / "tiny.toml").read_text().replace("texts = 64", "texts = 65", 1))
    refused = subprocess.run(command(out, settings=other), capture_output=True, text=True, timeout=60)
    assert refused.returncode == 1 and "base.texts" in refused.stderr, refused.stderr


def test_settings_that_lack_something_are_refused_by_name(tmp_path: Path) -> None:
    lacking = tmp_path / "lacking.toml"
    lacking.write_text((HERE / "tiny.toml").read_text().replace("texts = 64", "", 1))
    refused = subprocess.run(command(tmp_path / "out", settings=lacking), capture_output=True, text=True, timeout=60)
    assert refused.returncode == 1 and "base.texts is missing" in refused.stderr and not (tmp_path / "out").exists()


def test_two_at_once_in_a_folder_are_one_too_many(experiment: tuple[Path, str]) -> None:
    out, _ = experiment
    with (out / "paper-small.toml").open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        refused = subprocess.run(command(out), capture_output=True, text=True, timeout=60)
    assert refused.returncode == 1 and "in use by another" in refused.stderr


def test_a_folder_that_holds_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").touch()
    for more in ([], ["--fresh"]):
        refused = subprocess.run(command(tmp_path, *more), capture_output=True, text=True, timeout=60)
        assert refused.returncode == 1 and "is not empty" in refused.stderr and (tmp_path / "thesis.tex").exists()


def test_the_same_seeds_train_the_same_model(experiment: tuple[Path, str], tmp_path: Path) -> None:
    """The series and the first GRPO run have all in common but how long they go on."""
    out, _ = experiment
    of = [(out / "base-1" / name / "step-4/model.safetensors").read_bytes() for name in ("grpo-1", "series")]
    assert of[0] == of[1]
