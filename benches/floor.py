"""The floor: the same programs in one warm interpreter, without a sandbox (own_work.py, run as a process).

Not here: what own work is, and how it is measured.
"""

import hashlib, json, shutil, statistics
from pathlib import Path

import measure, own_work

SCRIPT = Path(__file__).resolve().parent / "own_work.py"
CACHED_ROUNDS = 3
SETTINGS = {"PYTHONHASHSEED": "0"}


class Floor:
    name = "the floor"

    def __init__(self, folder, python, data, samples):
        self.folder, self.samples = folder, samples
        self.state, self.out = folder / f"own-{samples.stem}.state", folder / f"own-{samples.stem}.json"
        self.command = [python, "-S", "-s", SCRIPT]
        self.run("look", data, samples, self.state)

    def run(self, *words, memory=False):
        return measure.run([*self.command, *words], self.folder / "log", memory, **SETTINGS, TMPDIR=str(self.folder))

    def candidates(self, memory=False):
        """Per candidate how long it took and how it ended, measured anew; and what measuring took."""
        usage = self.run("time", self.state, self.out, memory=memory)
        return json.loads(self.out.read_text()), usage


class Kept:
    """The floor of programs that take long: medians of three, measured once for the same programs, data and interpreter."""

    def __init__(self, work_cache, folder, python, data, samples):
        key = hashlib.sha256(python.encode() + Path(python).read_bytes() + data.read_bytes() + samples.read_bytes()).hexdigest()[:32]
        home = work_cache / "own-work"
        file, self.state = home / f"{key}.json", home / f"{key}.state"
        self.folder, self.python = folder, python
        if not (file.exists() and self.state.exists()):
            measure.say(f"measuring the own work of {samples.name}, once")
            home.mkdir(parents=True, exist_ok=True)
            measured = Floor(folder, python, data, samples)
            found = medians([measured.candidates()[0] for _ in range(CACHED_ROUNDS)])
            shutil.copy(measured.state, self.state)
            unfinished = file.with_suffix(".new")
            unfinished.write_text(json.dumps(found))
            unfinished.rename(file)
        self.candidates = json.loads(file.read_text())

    def own_s(self):
        return sum(candidate["own_ns"] for candidate in self.candidates) / 1e9

    def drift(self):
        """The own work of the quick programs as it is now, over what was kept: a busy machine makes CPU time dearer."""
        out = self.folder / "drift.json"
        measure.run([self.python, "-S", "-s", SCRIPT, "time", self.state, out], self.folder / "log", **SETTINGS, TMPDIR=str(self.folder))
        quick = [(old["own_ns"], new["own_ns"]) for old, new in zip(self.candidates, json.loads(out.read_text()))
                 if old["own_ns"] <= own_work.SLOW_NS]
        return sum(new for _, new in quick) / sum(old for old, _ in quick)


def medians(rounds):
    return [{**column[0], "own_ns": statistics.median(candidate["own_ns"] for candidate in column)} for column in zip(*rounds)]
