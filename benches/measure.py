"""Measures a command: CPU time, wall time and peak memory of its whole process tree.

CPU is what wait4 says: the command and every process that was reaped below it.
Memory is the proportional set size (pages that processes share are counted once), summed over the tree at intervals, so
a peak that is shorter than the interval is missed. Looking takes at most a twentieth of the time: where a look is
expensive the intervals grow. A control group would count the page cache too, and not what a grader moves to groups of
its own.
Not here: what the figures are compared with.
"""

import os, subprocess, sys, threading, time
from dataclasses import dataclass
from pathlib import Path

LEAST_INTERVAL_S, LOOK_SHARE = 0.02, 20


class CommandFailed(Exception):
    """A measured command did not end well."""


@dataclass(frozen=True)
class Usage:
    cpu_s: float
    wall_s: float
    peak_bytes: int = 0


def say(text):
    print(text, file=sys.stderr, flush=True)


def run(command, log, memory=False, output=None, finished=None, watch=None, **changes):
    """The Usage of a command. Its stdout goes to `output` or to the log, as stderr does. Where the file `finished` names
    what the command is run for, wall time ends when that file is written. `watch` is called with its process id."""
    started, begun = time.time(), time.monotonic()
    with open(log, "wb") as errors, open(output or os.devnull, "wb") as stdout:
        process = subprocess.Popen([str(word) for word in command], stdin=subprocess.DEVNULL, stderr=errors,
                                   stdout=stdout if output else errors, env={**os.environ, **changes})
    watcher = watch or (Peak() if memory else None)
    ended = threading.Event()
    thread = threading.Thread(target=watcher, args=(process.pid, ended)) if watcher else None
    if thread:
        thread.start()
    _, status, usage = os.wait4(process.pid, 0)
    wall_s = time.monotonic() - begun
    process.returncode = os.waitstatus_to_exitcode(status)
    ended.set()
    if thread:
        thread.join()
    if process.returncode:
        raise CommandFailed(f"{command[0]} ended with {process.returncode}: "
                            + Path(log).read_text(errors="replace")[-2000:].strip())
    if finished:
        wall_s = finished.stat().st_mtime - started
    return Usage(usage.ru_utime + usage.ru_stime, wall_s, watcher.peak_bytes if memory else 0)


class Peak:
    """Looks at a tree's memory until it is told that the tree has ended, for one part of the time in `look_share`."""

    def __init__(self, look_share=LOOK_SHARE):
        self.peak_bytes, self.look_share = 0, look_share

    def __call__(self, pid, ended):
        interval_s = LEAST_INTERVAL_S
        while not ended.wait(interval_s):
            begun = time.monotonic()
            self.peak_bytes = max(self.peak_bytes, sum(map(pss_bytes, tree(pid))))
            interval_s = max(LEAST_INTERVAL_S, self.look_share * (time.monotonic() - begun))


def tree(pid):
    """A process and all below it, as far as they still are there."""
    found, waiting = [], [pid]
    while waiting:
        process = waiting.pop()
        found.append(process)
        try:
            for thread in os.listdir(f"/proc/{process}/task"):
                waiting += map(int, Path(f"/proc/{process}/task/{thread}/children").read_text().split())
        except OSError:
            pass  # it has just ended
    return found


def pss_bytes(pid):
    try:
        with open(f"/proc/{pid}/smaps_rollup") as file:
            return sum(int(line.split()[1]) for line in file if line.startswith("Pss:")) * 1024
    except OSError:
        return 0  # it has just ended


def tree_cpu_s(pid):
    """CPU of the processes of a tree and of those that they have reaped."""
    ticks = 0
    for process in tree(pid):
        try:
            fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it has just ended, and is counted with its parent
        ticks += sum(map(int, fields[11:15]))
    return ticks / os.sysconf("SC_CLK_TCK")


def real_interpreter(python):
    """The binary itself: a version manager's shim would start a shell first."""
    return subprocess.check_output([python, "-c", "import sys; print(sys.executable)"], text=True).strip()
