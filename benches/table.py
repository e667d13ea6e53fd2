"""Tables in Markdown, and the one table that compares graders.

Not here: measuring.
"""

import statistics
from dataclasses import dataclass, field


@dataclass
class Row:
    """A grader's measured rounds on the same samples, start-up apart; or why there are none."""

    name: str
    usages: list = field(default_factory=list)
    start_ups: list = field(default_factory=list)
    differing: list = field(default_factory=list)
    reason: str = ""

    def median(self, figure):
        return statistics.median(getattr(usage, figure) for usage in self.usages)

    def start_up(self, figure):
        return statistics.median(getattr(usage, figure) for usage in self.start_ups) if self.start_ups else 0.0

    def cpu_s(self):
        return self.median("cpu_s") - self.start_up("cpu_s")

    def wall_s(self):
        return self.median("wall_s") - self.start_up("wall_s")


def markdown(header, rows):
    lines = ["| " + " | ".join(header) + " |", "|" + "---|" * len(header)]
    return lines + ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows]


def spread(values):
    return f"{min(values):.0f} to {max(values):.0f}"


def comparison(rows, count, floor, ours):
    """Every grader's row; `floor` and `ours` are two of them."""
    header = ["grader", "CPU per sample, ms", "above the floor, ms", "samples per second", "peak memory, MiB",
              f"CPU / {ours.name}", "CPU / the floor", "start-up, s of CPU"]
    lines = []
    for row in rows:
        if row.reason:
            lines.append([row.name, f"not measured: {row.reason}"] + [""] * (len(header) - 2))
            continue
        cpu_s = row.cpu_s()
        above_ms = "" if row is floor else f"**{(cpu_s - floor.cpu_s()) * 1e3 / count:.2f}**"
        lines.append([row.name, f"{cpu_s * 1e3 / count:.2f}", above_ms, f"{count / row.wall_s():.0f}",
                      f"{row.median('peak_bytes') / 2**20:.0f}", f"{cpu_s / ours.cpu_s():.1f}",
                      f"{cpu_s / floor.cpu_s():.1f}", f"{row.start_up('cpu_s'):.2f}" if row.start_ups else ""])
    return markdown(header, lines)


def differing_notes(rows, ours):
    """One line for each grader that was compared: how many verdicts differ, and the first of them."""
    notes = []
    for row in rows:
        if row.reason or row is ours:
            continue
        some = ", ".join(row.differing[:5]) + (", ..." if len(row.differing) > 5 else "")
        notes.append(f"- verdicts of {row.name} that differ from {ours.name}'s: {len(row.differing)}" + (f" ({some})" if some else ""))
    return notes


def differences(ours, theirs):
    """Samples that pass on one side only, or are missing on one."""
    return [f"{task} sample {sample}" if isinstance(sample, int) else f"{task}"
            for task, sample in sorted(ours.keys() | theirs.keys(), key=str) if ours.get((task, sample)) != theirs.get((task, sample))]
