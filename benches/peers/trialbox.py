"""trialbox itself, with nothing judged before: each run starts from a copy of a cache that holds expected values and the
compiled guest, and no verdict; equal programs are run as often as they come.

Not here: dedupe and the verdict cache (scale.py).
"""

import os, shutil, subprocess
from pathlib import Path

import measure, rows

WRITTEN_ONCE = {"reference", "wasi"}  # folders of a cache: expected values, the compiled guest


def knows(binary, verb, option):
    """Whether this build has an option."""
    return option in subprocess.run([binary, verb, "--help"], capture_output=True, text=True, check=True).stdout.split()


def every_program(binary, verb):
    return ["--dedupe", "off"] if knows(binary, verb, "--dedupe") else []


def fresh(seed, cache):
    """Makes a cache with what the seed has. What is written once is shared with it: it may be hundreds of megabytes."""
    def take(source, target):
        try:
            if Path(source).parent.name in WRITTEN_ONCE:
                return os.link(source, target)
        except OSError:
            pass  # another file system
        return shutil.copy2(source, target)

    shutil.rmtree(cache, ignore_errors=True)
    shutil.copytree(seed, cache, copy_function=take)


class Trialbox:
    def __init__(self, binary, work, work_cache, workers, backend="native", dataset="humaneval+"):
        self.name = f"trialbox {backend}"
        self.work = work
        self.seed = work_cache / "trialbox" / f"{dataset.strip('+')}-{backend}"
        self.cache = work.folder / f"cache-{backend}"
        self.plain_command = [binary, "eval", dataset, "--partial", "--data", work.data, "--workers", str(workers),
                              "--backend", backend, "--python", work.python]
        self.command = [*self.plain_command, *every_program(binary, "eval")]

    def warm(self):
        """Expected values are in the seed from here on. The programs are none that are measured."""
        self.run(self.work.warming, self.seed)

    def start_up(self):
        return self.measure(self.work.one)

    def measure(self, samples, memory=False):
        fresh(self.seed, self.cache)
        return self.run(samples, self.cache, memory)

    def run(self, samples, cache, memory=False):
        shutil.rmtree(self.out(samples), ignore_errors=True)
        command = [*self.command, "--samples", samples, "--out", self.out(samples), "--cache", cache]
        return measure.run(command, self.work.folder / "log", memory)

    def out(self, samples):
        return self.work.folder / f"out-{self.name.split()[1]}-{samples.stem}"

    def rows(self, samples):
        return {rows.key_of(row): row for row in rows.read_rows(self.out(samples) / "verdicts.jsonl")}

    def verdicts(self, samples):
        return {key: row["verdict"] == "pass" for key, row in self.rows(samples).items()}
