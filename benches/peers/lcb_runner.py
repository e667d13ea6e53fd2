"""lcb_runner, as PyPI has it in `nvidia-livecodebench`: its `evaluate_generations`, one process per sample.

Its stand-in for stdin is another than that of lcb_runner 28fef95, whose verdicts trialbox's official semantics gives: there
`sys.stdin.readlines()` ends in an empty line, and a program that makes numbers of all lines fails (abc344_b).
Not here: what is graded (lcb.py).
"""

import json

import measure, rows
from peers import environment

PACKAGE = "nvidia-livecodebench==26.3"
RUN = """
import json, sys
from livecodebench.evaluation.compute_code_generation_metrics import evaluate_generations
given, out, workers = sys.argv[1:]
rows = [json.loads(line) for line in open(given)]
samples = [{"input_output": json.dumps(texts)} for _, texts in rows]
results, _ = evaluate_generations(samples, [[code] for code, _ in rows], num_process_evaluate=int(workers), timeout=6)
verdicts = [all(result > 0 for result in results[index][0]) for index in range(len(rows))]
json.dump(verdicts, open(out, "w"))
"""


class LcbRunner:
    name = "lcb_runner (nvidia-livecodebench 26.3)"

    def __init__(self, folder, python, work_cache, workers):
        self.folder, self.workers = folder, workers
        self.python = environment.prepared(work_cache / "environments/lcb", python, ["numpy", "tqdm"], ["--no-deps", PACKAGE])

    def measure(self, programs, name, memory=False):
        """`programs`: (job, what it is given) of each."""
        given = rows.write_rows(self.folder / f"lcb-runner-{name}.jsonl", [[job["candidate"], texts] for job, texts in programs])
        return measure.run([self.python, "-c", RUN, given, self.out(name), str(self.workers)], self.folder / "log", memory)

    def out(self, name):
        return self.folder / f"lcb-runner-{name}.json"

    def verdicts(self, name):
        return json.loads(self.out(name).read_text())
