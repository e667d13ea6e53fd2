"""A daemon that is started again wherever it ends before its time, at the same address: trainers ask again until it answers.

Not here: starting one (`trialbox.serve`), asking again (`trialbox.Client`).
"""

import sys
import threading
from pathlib import Path
from types import TracebackType

import trialbox


class WatchedDaemon:
    """A daemon with these files of datasets. `restarts` counts how often it had to be started again."""

    def __init__(self, data: dict[str, Path], workers: int) -> None:
        # Nothing is kept between its lives, so that each reward is of a program that was run for it.
        self._options = {"data": data, "workers": workers, "options": ["--cache", "off"]}
        self._daemon = trialbox.serve(**self._options)
        self.url = self._daemon.url
        self.restarts = 0
        self._is_wanted = True
        self._lock = threading.Lock()
        threading.Thread(target=self._watch, daemon=True).start()

    @property
    def pid(self) -> int:
        """Its process now."""
        with self._lock:
            return self._daemon.pid

    def _watch(self) -> None:
        while True:
            status = self._daemon.wait()
            with self._lock:
                if not self._is_wanted:
                    return
                print(f"the daemon ended ({status}); it is started again", file=sys.stderr, flush=True)
                self._daemon.close()
                self._daemon = trialbox.serve(listen=self.url.removeprefix("http://"), **self._options)
                self.restarts += 1

    def __enter__(self) -> "WatchedDaemon":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        with self._lock:
            self._is_wanted = False
            self._daemon.close()
