"""Watches `trialbox eval` while it runs: memory of its process, CPU of its tree, and how many verdicts there are.

Not here: what is judged (synthetic.py).
"""

import time
from pathlib import Path

import measure

INTERVAL_S = 1.0
FEWEST_LOOKS = 20


class Growth:
    def __init__(self, verdicts):
        self.verdicts, self.read_bytes, self.count = verdicts, 0, 0
        self.looks, self.peak_kib = [], 0

    def __call__(self, pid, ended):
        self.begun = time.monotonic()
        while True:
            last = ended.wait(INTERVAL_S)
            self.look(pid)
            if last:
                return

    def look(self, pid):
        rss_kib, peak_kib = memory_kib(pid)
        self.peak_kib = max(self.peak_kib, peak_kib)
        cpu_s = measure.tree_cpu_s(pid)
        before = self.looks[-1] if self.looks else (0.0, 0, 0.0, 0)
        self.count_lines()
        self.looks.append((time.monotonic() - self.begun, self.count, max(cpu_s, before[2]), rss_kib or before[3]))

    def count_lines(self):
        try:
            with open(self.verdicts, "rb") as file:
                file.seek(self.read_bytes)
                while chunk := file.read(1 << 20):
                    self.read_bytes += len(chunk)
                    self.count += chunk.count(b"\n")
        except OSError:
            pass  # it is not there yet

    def seen(self, total):
        """Whether verdicts came while somebody looked."""
        return len({count for _, count, _, _ in self.looks if 0 < count < total}) >= FEWEST_LOOKS

    def tenths(self, total):
        """Per tenth of the samples: wall seconds, CPU seconds, resident KiB at its end."""
        marks = [self.at(total * tenth / 10) for tenth in range(11)]
        return [(b[0] - a[0], b[1] - a[1], b[2]) for a, b in zip(marks, marks[1:])]

    def at(self, wanted):
        """Time, CPU and memory when that many verdicts were there, between two looks; the last look without one is where it starts."""
        before = self.looks[0]
        for look in self.looks:
            if look[1] >= wanted > before[1]:
                share = (wanted - before[1]) / (look[1] - before[1])
                return tuple(a + share * (b - a) for a, b in ((before[i], look[i]) for i in (0, 2, 3)))
            if look[1] <= wanted:
                before = look
        return before[0], before[2], before[3]


def memory_kib(pid):
    """What is resident now, and the most that ever was."""
    try:
        status = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines() if ":" in line)
        return int(status["VmRSS"].split()[0]), int(status["VmHWM"].split()[0])
    except (OSError, KeyError):
        return 0, 0  # it has just ended
