"""Starts a daemon and ends it: `serve`.

Not here: speaking to it (`_client`).
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sysconfig
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO

NAME = "trialbox"
# The daemon answers what it has begun before it ends (`--drain-s`), and is killed where that takes longer.
PATIENCE_S = 40.0


class DaemonError(Exception):
    """The daemon could not be started."""


def binary() -> str:
    """The program: $TRIALBOX_BINARY, else the one that came with this package, else the first on the PATH."""
    named = os.environ.get("TRIALBOX_BINARY")
    if named:
        return named
    beside = Path(sysconfig.get_path("scripts")) / NAME
    if beside.exists():
        return str(beside)
    found = shutil.which(NAME)
    if found is None:
        raise DaemonError(f"no program {NAME} beside {beside.parent} or on the PATH; $TRIALBOX_BINARY may name one")
    return found


class Daemon:
    """A daemon that belongs to this process: it ends with it, even where this process is killed."""

    def __init__(self, process: subprocess.Popen[str], url: str) -> None:
        self.url = url
        """Where it listens."""
        self._process = process

    def wait(self) -> int:
        """Waits until it ends, by itself or by others, and gives its exit status."""
        return self._process.wait()

    @property
    def pid(self) -> int:
        """Its process."""
        return self._process.pid

    def close(self) -> None:
        """Ends it: what it has begun is answered first."""
        if self._process.stdin:
            self._process.stdin.close()
        try:
            self._process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._process.stdout:
            self._process.stdout.close()

    def __enter__(self) -> Daemon:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


def serve(
    *,
    data: Mapping[str, str | os.PathLike[str]] | None = None,
    workers: int | None = None,
    listen: str = "127.0.0.1:0",
    options: Sequence[str] = (),
) -> Daemon:
    """Starts a daemon on a free port of this machine, or where `listen` says, and gives it once it listens. What it says
    goes to our stderr.

    `data` names files of datasets that are not built in; `options` are further words for `trialbox serve`.
    """
    command = [binary(), "serve", "--listen", listen, "--while-stdin-is-open"]
    for dataset, file in (data or {}).items():
        command += ["--data", f"{dataset}={os.fspath(file)}"]
    if workers is not None:
        command += ["--workers", str(workers)]
    # Without `close_fds` CPython spawns it and does not fork: a trainer has threads and a great deal of memory. Its
    # descriptors are closed by exec, as all are that Python opens.
    try:
        process = subprocess.Popen([*command, *options], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, close_fds=False)
    except OSError as error:
        raise DaemonError(f"{command[0]}: {error}") from error
    assert process.stdout is not None
    url = process.stdout.readline().strip()
    if not url:
        raise DaemonError(f"the daemon ended with {process.wait()} before it listened; what it said is on stderr")
    threading.Thread(target=_drain, args=(process.stdout,), daemon=True).start()
    return Daemon(process, url)


def _drain(stdout: IO[str]) -> None:
    """It says no more today; were it to, it should not wait for us."""
    try:
        for _ in stdout:
            pass
    except ValueError:
        pass  # closed meanwhile
