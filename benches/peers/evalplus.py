"""evalplus 0.3.1: `evalplus.evaluate` on problems and samples of one's own, its ground truth cached.

Not here: its rule for one input (evalplus_rule.py restates it).
"""

import json, shutil

import measure, rows
from peers import environment

PACKAGE = "evalplus==0.3.1"


class Evalplus:
    name = "evalplus 0.3.1"

    def __init__(self, work, work_cache, workers):
        self.work, self.workers = work, workers
        self.python = environment.prepared(work_cache / "environments/evalplus", work.python, [PACKAGE])
        self.settings = {"HUMANEVAL_OVERRIDE_PATH": str(work.data), "XDG_CACHE_HOME": str(work_cache / "evalplus-cache")}

    def warm(self):
        self.measure(self.work.each)
        self.start_up()

    def start_up(self):
        # It refuses problems without samples by an assertion, and has no other use for assertions here.
        return self.measure(self.work.one, PYTHONOPTIMIZE="1")

    def measure(self, samples, memory=False, **changes):
        """Wall time ends with its results: a thread of it that watches for stragglers then sleeps on, up to 20 s."""
        own = self.work.folder / f"evalplus-{samples.stem}.jsonl"
        shutil.copy(samples, own)
        self.results_of(samples).unlink(missing_ok=True)
        command = [self.python, "-m", "evalplus.evaluate", "--dataset", "humaneval", "--samples", own, "--parallel", str(self.workers),
                   "--i-just-wanna-run"]
        return measure.run(command, self.work.folder / "log", memory, finished=self.results_of(samples), **self.settings, **changes)

    def results_of(self, samples):
        return self.work.folder / f"evalplus-{samples.stem}_eval_results.json"

    def verdicts(self, samples):
        """Its results come by task, in the order of the samples."""
        numbers, verdicts = {}, {}
        for row in rows.read_rows(samples):
            numbers.setdefault(row["task_id"], []).append(row["sample"])
        for task_id, results in json.loads(self.results_of(samples).read_text())["eval"].items():
            for number, result in zip(numbers[task_id], results):
                verdicts[task_id, number] = result["base_status"] == result["plus_status"] == "pass"
        return verdicts
