"""The floor: the same programs in one warm interpreter, without a sandbox (own_work.py, run as a process).

Not here: what own work is, and how it is measured.
"""

import hashlib, json, statistics
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
        file = home / f"{key}.json"
        if not file.exists():
            measure.say(f"measuring the own work of {samples.name}, once")
            home.mkdir(parents=True, exist_ok=True)
            measured = Floor(folder, python, data, samples)
            found = medians([measured.candidates()[0] for _ in range(CACHED_ROUNDS)])
            unfinished = file.with_suffix(".new")
            unfinished.write_text(json.dumps(found))
            unfinished.rename(file)
        self.candidates = json.loads(file.read_text())


def medians(rounds):
    return [{**column[0], "own_ns": statistics.median(candidate["own_ns"] for candidate in column)} for column in zip(*rounds)]
