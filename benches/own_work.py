"""Own work: what candidate programs cost by themselves, in one warm process of the interpreter that grades them.

Per candidate: compile, run the text, then call the entry point with fresh arguments, input after input, up to and with
the first one that fails. Comparing is not counted, nor are the expected values, nor what the first look has found out.
Not here: the graders that are compared with it (bench.py), the rule that says where a candidate fails (evalplus_rule.py).
No sandbox: each candidate runs in a forked worker that is replaced where a candidate ended or spoilt it.

  own_work.py look DATA SAMPLES STATE    finds where each candidate stops, once (STATE is written)
  own_work.py time STATE OUT             measures them (may be run any number of times)
"""

import abc, array, ast, atexit, base64, bisect, builtins, calendar, cmath, collections, collections.abc, contextlib
import copy, dataclasses, datetime, decimal, enum, fractions, functools, gc, hashlib, heapq, inspect, io, itertools, json
import gzip, marshal, math, numbers, operator, os, pickle, queue, random, re, resource, select, signal, statistics
import string, struct, sys, tempfile, textwrap, threading, time, traceback, types, typing, unicodedata, warnings

import evalplus_rule, mbpp_inputs

LEAST_LIMIT_S, FACTOR = 1.0, 4  # the limits of `trialbox eval`: max(1 s, 4 x canonical) of CPU per input
LOAD_LIMIT_S = 10.0
SLOW_NS = 100_000_000  # above this one measurement is enough
MEMORY_BYTES = 4 << 30  # EvalPlus's; the canonical solution of Mbpp/255 needs over half of it
PATIENCE_S = 300  # wall time without a word from a worker: a call into C that no signal ends


def read_rows(path):
    with (gzip.open if path.endswith(".gz") else open)(path, "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file if line.strip()]


# ---- One candidate ------------------------------------------------------------------------------------------------------


class OutOfTime(BaseException):
    pass


def out_of_time(signum, frame):
    raise OutOfTime


def cpu_limit(seconds):
    # It comes again: a program may swallow the first.
    signal.setitimer(signal.ITIMER_PROF, seconds, 0.05 if seconds else 0)


def load(source, entry_point):
    names = {"__name__": "solution", "__builtins__": builtins}
    exec(compile(source, "solution.py", "exec", dont_inherit=True), names)
    return names[entry_point]


def answer_of(task, value):
    """What is compared: of some tasks only whether there is a value."""
    return value is not None if task["entry_point"] in evalplus_rule.NOT_NONE and not isinstance(value, bool) else value


def look(task, source):
    """How many inputs a grader that stops at the first failure has to call, and how the program ends."""
    called = 0
    try:
        cpu_limit(LOAD_LIMIT_S)
        function = load(source, task["entry_point"])
        for packed, wanted, limit in zip(task["inputs"], task["expected"], task["limits"]):
            called += 1
            cpu_limit(limit)
            actual = answer_of(task, function(*marshal.loads(packed)))
            cpu_limit(0)
            if not evalplus_rule.passes(task, marshal.loads(packed), actual, pickle.loads(wanted)):
                return called, "wrong"
        return called, "pass"
    except OutOfTime:
        return called, "time"
    except BaseException as error:
        return called, type(error).__name__
    finally:
        cpu_limit(0)


def run(task, source, calls):
    """The same work without looking at the answers."""
    loads = marshal.loads
    try:
        function = load(source, task["entry_point"])
        for packed in task["inputs"][:calls]:
            function(*loads(packed))
    except BaseException:
        pass


# ---- The worker ---------------------------------------------------------------------------------------------------------


def serve(begin, candidates, work, writer):
    """Works through the candidates from `begin` on; a line before each and one after it."""
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(null, descriptor)
    sys.stdin = open(0, closefd=False)
    os.chdir(tempfile.mkdtemp(prefix="own-work-"))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    signal.signal(signal.SIGPROF, out_of_time)
    stdout, stderr, depth, own_pid = sys.stdout, sys.stderr, sys.getrecursionlimit(), os.getpid()
    say = lambda *words: os.write(writer, (json.dumps(words) + "\n").encode())
    process_ns = time.process_time_ns
    for index in range(begin, len(candidates)):
        random.seed(0)
        gc.collect()
        start = process_ns()
        say("begin", index, start)
        start = process_ns()
        result = work(candidates[index])
        used = process_ns() - start
        if os.getpid() != own_pid:
            os._exit(0)  # a program forked
        say("end", index, used, result)
        sys.stdout, sys.stderr = stdout, stderr
        sys.setrecursionlimit(depth)
        if threading.active_count() > 1 or sys.modules["builtins"] is not builtins:
            os._exit(0)
    say("done")
    os._exit(0)


def lines_of(reader, pid):
    buffer = b""
    while True:
        if not select.select([reader], [], [], PATIENCE_S)[0]:
            os.kill(pid, signal.SIGKILL)
            return
        chunk = os.read(reader, 1 << 16)
        if not chunk:
            return
        *whole, buffer = (buffer + chunk).split(b"\n")
        yield from map(json.loads, whole)


def in_workers(candidates, work):
    """`work` on every candidate: index to (CPU in ns, result); the result is None where it ended the worker."""
    results, begin, done = {}, 0, False
    while begin < len(candidates) and not done:
        reader, writer = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(reader)
            serve(begin, candidates, work, writer)
        os.close(writer)
        current, cpu_at_begin = None, 0
        for kind, *words in lines_of(reader, pid):
            if kind == "begin":
                current, cpu_at_begin = words
            elif kind == "end":
                results[words[0]] = (words[1], words[2])
                begin, current = words[0] + 1, None
            else:
                done = True
        os.close(reader)
        usage = os.wait4(pid, 0)[2]
        if current is not None:
            total = int((usage.ru_utime + usage.ru_stime) * 1e9)
            results[current] = (max(0, total - cpu_at_begin), None)
            begin = current + 1
    return results


# ---- The two verbs ------------------------------------------------------------------------------------------------------


def prepare(row):
    """Packs a problem's inputs, and has its canonical solution answer them."""
    rows = [*row["base_input"], *row["plus_input"]]  # the latter is {} in Mbpp/793
    inputs = [marshal.dumps(tuple(mbpp_inputs.restored(row["task_id"], arguments)), 2) for arguments in rows]
    task = {"entry_point": row["entry_point"], "atol": row["atol"], "inputs": inputs, "expected": [], "limits": []}
    function = load(row["prompt"] + row["canonical_solution"], row["entry_point"])
    for packed in inputs:
        arguments = marshal.loads(packed)
        start = time.process_time()
        answer = answer_of(task, function(*arguments))
        task["limits"].append(max(LEAST_LIMIT_S, FACTOR * (time.process_time() - start)))
        task["expected"].append(pickle.dumps(answer))
    return task


def look_at_all(data, samples, state_path):
    rows = read_rows(samples)
    wanted = {row["task_id"] for row in rows}
    tasks = {row["task_id"]: prepare(row) for row in read_rows(data) if row["task_id"] in wanted}
    candidates = [(row["task_id"], row["solution"]) for row in rows]
    gc.collect()
    gc.freeze()
    results = in_workers(candidates, lambda candidate: look(tasks[candidate[0]], candidate[1]))
    for task in tasks.values():
        del task["expected"], task["limits"]
    looks = [(results[i][0], *(results[i][1] or (0, "died"))) for i in range(len(candidates))]
    with open(state_path, "wb") as file:
        pickle.dump((tasks, candidates, looks), file)


def time_all(state_path, out_path):
    with open(state_path, "rb") as file:
        tasks, candidates, looks = pickle.load(file)
    # Whoever was slow, or ended its worker, was measured well enough by the look.
    quick = [i for i, (ns, _, ending) in enumerate(looks) if ns <= SLOW_NS and ending not in ("died", "time")]
    gc.collect()
    gc.freeze()
    measured = in_workers(quick, lambda i: run(tasks[candidates[i][0]], candidates[i][1], looks[i][1]))
    own_ns = [ns for ns, _, _ in looks]
    for position, index in enumerate(quick):
        own_ns[index] = measured[position][0]
    answer = [{"own_ns": ns, "calls": calls, "ending": ending} for ns, (_, calls, ending) in zip(own_ns, looks)]
    with open(out_path, "w") as file:
        json.dump(answer, file)


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    sys.set_int_max_str_digits(0) if hasattr(sys, "set_int_max_str_digits") else None
    verb, *paths = sys.argv[1:]
    {"look": look_at_all, "time": time_all}[verb](*paths)
