"""Tasks: each is done once, after what it needs; a failure ends the others."""

import sys
import time
from pathlib import Path

import pytest

from tasks import Task, TaskFailed, do_all

SLEEP = "import time; time.sleep(60)"


def writes(text: str):
    def work(task: Task) -> None:
        task.run(sys.executable, "-c", f"print({text!r})", out=task.folder / "said")

    return work


def test_what_is_done_is_not_done_again(tmp_path: Path) -> None:
    begun = []
    first = Task("first", tmp_path / "first", lambda task: begun.append("first"))
    second = Task("second", tmp_path / "second", lambda task: begun.append("second"), [first])
    do_all([second, first], 2)
    assert begun == ["first", "second"]
    do_all([second, first], 2)
    assert begun == ["first", "second"] and second.seconds < 60


def test_what_is_made_of_other_things_is_done_again(tmp_path: Path) -> None:
    begun = []
    for of in (["a"], ["a"], ["a", "b"]):
        do_all([Task("report", tmp_path / "report", lambda task: begun.append(task.of), of=of)], 1)
    assert begun == [["a"], ["a", "b"]]


def test_work_that_was_broken_off_begins_anew_or_goes_on(tmp_path: Path) -> None:
    for goes_on in (False, True):
        task = Task("task", tmp_path / str(goes_on), writes("new"), goes_on=goes_on)
        task.folder.mkdir()
        (task.folder / "half").touch()
        do_all([task], 1)
        assert (task.folder / "said").read_text() == "new\n" and (task.folder / "half").exists() == goes_on


def test_a_task_that_is_alone_has_all_threads(tmp_path: Path) -> None:
    first = Task("first", tmp_path / "first", writes("it"))
    others = [Task(name, tmp_path / name, writes("it"), [first]) for name in ("a", "b", "c")]
    do_all([first, *others], 2)
    assert (first.threads, [task.threads for task in others][:2]) == (2, [1, 1])
    short = Task("short", tmp_path / "short", writes("it"), is_short=True)
    long = Task("long", tmp_path / "long", writes("it"))
    do_all([long, short], 2)
    assert long.threads == 2


def test_a_failure_says_what_the_command_said_and_ends_the_others(tmp_path: Path) -> None:
    def fails(task: Task) -> None:
        task.run(sys.executable, "-c", "import sys; sys.exit('no disk')")

    slow = Task("slow", tmp_path / "slow", lambda task: task.run(sys.executable, "-c", SLEEP))
    begun = time.monotonic()
    with pytest.raises(TaskFailed, match="no disk"):
        do_all([slow, Task("bad", tmp_path / "bad", fails)], 2)
    assert time.monotonic() - begun < 30 and not slow.is_done


def test_what_nobody_does_is_named(tmp_path: Path) -> None:
    missing = Task("missing", tmp_path / "missing", writes("it"))
    with pytest.raises(TaskFailed, match="missing"):
        do_all([Task("waits", tmp_path / "waits", writes("it"), [missing])], 1)
