"""Own work of LiveCodeBench's programs: one warm interpreter forks for each test and runs it with a real stdin, or calls it.

Not here: the graders that are compared with it (lcb.py).
In: JOBS (as `trialbox verify` takes them), LIMIT_S. Out: OUT, per job the CPU seconds of each of its processes.
"""

import bisect, collections, copy, datetime, functools, heapq, io, itertools, json, math, operator, os, random, re
import resource, statistics, string, sys, time, typing

STARRED = "string re datetime collections heapq bisect copy math random statistics itertools functools operator io sys json builtins typing"
NAMED = "string re datetime collections heapq bisect copy math random"
MEMORY_BYTES = 4 << 30
names = {}
for module in STARRED.split():
    exec(f"from {module} import *", names)
names.update((module, sys.modules[module]) for module in NAMED.split())


def cpu_of(work, limit_s, fork=os.fork):
    """CPU of `work` alone, as its process measures it."""
    reader, writer = os.pipe()
    pid = fork()
    if pid == 0:
        null = os.open(os.devnull, os.O_RDWR)
        os.dup2(null, 1), os.dup2(null, 2)
        resource.setrlimit(resource.RLIMIT_CPU, (limit_s, limit_s))
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
        process_time, write, leave = time.process_time, os.write, os._exit
        begun = process_time()
        try:
            work()
        except BaseException:
            pass
        write(writer, repr(process_time() - begun).encode())
        leave(0)
    os.close(writer)
    said = os.read(reader, 100)
    os.close(reader)
    os.waitpid(pid, 0)
    return float(said) if said else float(limit_s)


def script(job, test):
    def work():
        sys.stdin, sys.stdout = io.TextIOWrapper(io.BytesIO(test["input"].encode())), io.StringIO()
        exec(compile(job["candidate"], "p", "exec"), {**names, "__name__": "__main__"})
    return work


def calls(job):
    def work():
        space = dict(names)
        exec(compile(job["candidate"], "p", "exec"), space)
        entry = job["problem"]["entry_point"]
        for arguments in job["problem"]["inputs"]:
            (getattr(space["Solution"](), entry) if "Solution" in space else space[entry])(*arguments)
    return work


def main(jobs, limit_s, out):
    seconds = []
    for line in open(jobs, encoding="utf-8"):
        job = json.loads(line)
        works = [script(job, test) for test in job["problem"]["tests"]] if job["mode"] == "stdin" else [calls(job)]
        seconds.append([cpu_of(work, int(limit_s)) for work in works])
    with open(out, "w") as file:
        json.dump(seconds, file)


if __name__ == "__main__":
    main(*sys.argv[1:])
