"""The plain way: one `python3 FILE` per sample, the tests behind the program, exit status 0 is a pass. No isolation.

As a script it is the grader itself: plain.py PROBLEMS SAMPLES OUT WORKERS.
Not here: the tests' text (check_text.py).
"""

import json, os, subprocess, sys, tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

LIMIT_S = 10


class Plain:
    name = "plain subprocess"

    def __init__(self, work, work_cache, workers):
        self.work, self.workers = work, workers

    def warm(self):
        self.measure(self.work.one)

    def start_up(self):
        return self.measure(self.work.one)

    def measure(self, samples, memory=False):
        import measure

        command = [self.work.python, Path(__file__), self.work.check_texts(), samples, self.out(samples), str(self.workers)]
        return measure.run(command, self.work.folder / "log", memory)

    def out(self, samples):
        return self.work.folder / f"plain-{samples.stem}.json"

    def verdicts(self, samples):
        return {(task, sample): passed for task, sample, passed in json.loads(self.out(samples).read_text())}


def passes(program, folder):
    with tempfile.NamedTemporaryFile("w", suffix=".py", dir=folder, encoding="utf-8") as file:
        file.write(program)
        file.flush()
        try:
            done = subprocess.run([sys.executable, file.name], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                  stderr=subprocess.DEVNULL, timeout=LIMIT_S, cwd=folder)
        except subprocess.TimeoutExpired:
            return False
        return done.returncode == 0


def main(problems, samples, out, workers):
    read = lambda path: [json.loads(line) for line in open(path, encoding="utf-8")]
    tests = {row["task_id"]: f"\n{row['test']}\ncheck({row['entry_point']})\n" for row in read(problems)}
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(int(workers)) as pool:
        judge = lambda row: [row["task_id"], row["sample"], passes(row["solution"] + tests[row["task_id"]], folder)]
        verdicts = list(pool.map(judge, read(samples)))
    with open(out, "w") as file:
        json.dump(verdicts, file)


if __name__ == "__main__":
    main(*sys.argv[1:])
