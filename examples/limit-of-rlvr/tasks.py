"""Tasks that need one another, done side by side, each once: what is done is marked in its folder, and not done again.

Not here: which tasks there are (plan.py).
"""

import concurrent.futures
import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

MARK = "done.json"


class TaskFailed(Exception):
    """A task did not come to its end."""


@dataclass
class Task:
    """Work with results in a folder of its own.

    `work` is given the task; what it runs it runs by `run`, so that it can be ended. `goes_on` says that a folder in which the
    work was broken off is gone on with; else it begins anew.
    """

    name: str
    folder: Path
    work: Callable[["Task"], None]
    needs: list["Task"] = field(default_factory=list)
    goes_on: bool = False
    is_short: bool = False
    """Whether it is so short that others need not make room for it."""
    of: list[str] = field(default_factory=list)
    """What it is made of, where that is not always the same: made of other things, it is not done."""
    threads: int = 1
    """How many it may use; said when it is begun."""
    _process: subprocess.Popen | None = None
    _is_unwanted: bool = False

    @property
    def is_done(self) -> bool:
        mark = self.folder / MARK
        return mark.exists() and json.loads(mark.read_text())["of"] == self.of

    @property
    def seconds(self) -> float:
        """How long it took, once it is done."""
        return json.loads((self.folder / MARK).read_text())["seconds"]

    def do(self) -> None:
        if not self.goes_on:
            shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True, exist_ok=True)
        begun = time.monotonic()
        self.work(self)
        done = self.folder / f".{MARK}"
        done.write_text(json.dumps({"seconds": round(time.monotonic() - begun, 1), "of": self.of}) + "\n")
        done.rename(self.folder / MARK)

    def run(self, *words: object, out: Path | None = None) -> None:
        """Runs a command; what it says goes to `log`, its stdout to `out` if that is given."""
        if self._is_unwanted:
            raise TaskFailed(f"{self.name}: ended with the others")
        command = [str(word) for word in words]
        environment = {**os.environ, "OMP_NUM_THREADS": str(self.threads), "TOKENIZERS_PARALLELISM": "false", "HF_HUB_OFFLINE": "1"}
        log = self.folder / "log"
        with log.open("ab") as said, open(out, "wb") if out else open(os.devnull, "wb") as printed:
            stdout = printed if out else said
            self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=stdout, stderr=said, env=environment)
            status = self._process.wait()
        if status:
            end = log.read_text(errors="replace")[-3000:]
            raise TaskFailed(f"{self.name}: {' '.join(command)}\nended with {status}; the end of {log}:\n{end}")

    def end(self) -> None:
        """Ends what it runs, and has it run nothing more."""
        self._is_unwanted = True
        if self._process and self._process.poll() is None:
            self._process.terminate()


def do_all(tasks: Iterable[Task], at_once: int) -> None:
    """Does what is not done yet, so many at once, each after what it needs; tasks that come first are begun first. Where there
    are fewer to begin they have more threads each.

    Where one fails those under way are ended, and nothing else is begun.
    """
    left = [task for task in tasks if not task.is_done]
    total, begun = len(left), time.monotonic()
    under_way: dict[concurrent.futures.Future[None], Task] = {}
    # Signals reach this thread; workers only wait for processes.
    pool = concurrent.futures.ThreadPoolExecutor(at_once)
    try:
        while left or under_way:
            ready = [task for task in left if all(need.is_done for need in task.needs)]
            long = sum(not task.is_short for task in (*ready, *under_way.values()))
            threads = max(1, at_once // max(1, long))
            for task in ready[: at_once - len(under_way)]:
                left.remove(task)
                task.threads = threads
                under_way[pool.submit(task.do)] = task
            if not under_way:
                raise TaskFailed(f"{left[0].name} waits for what nobody does: {', '.join(need.name for need in left[0].needs)}")
            ended, _ = concurrent.futures.wait(under_way, return_when=concurrent.futures.FIRST_COMPLETED)
            for future in ended:
                task = under_way.pop(future)
                future.result()
                place, passed = total - len(left) - len(under_way), time.monotonic() - begun
                print(f"[{place}/{total}, {passed / 60:.1f} min] {task.name}: {task.seconds:.0f} s", flush=True)
    finally:
        for task in under_way.values():
            task.end()
        pool.shutdown()
