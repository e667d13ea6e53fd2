#!/usr/bin/env python3
"""Check quickstart.jsonl: its form, its canonical solutions, and the verdict of every candidate.

    python3 check_quickstart.py [FILE] [--only NAME] [--jobs N]

Standard library only. Candidates include hostile ones: each runs in a short-lived subprocess, in an
empty temporary directory, under CPU, address space and file size limits. That contains accidents; it
is no sandbox. Expected values stay in this process, which also does every comparison.
"""
import argparse
import ast
import collections
import concurrent.futures
import json
import os
import re
import resource
import signal
import subprocess
import sys
import tempfile
import warnings

VERDICTS = ("pass", "wrong_answer", "runtime_error", "time_limit", "memory_limit", "output_limit",
            "compile_error", "no_code")
KEYS = {
    "function": {"entry_point", "inputs_py", "expected_py", "atol"},
    "stdin": {"tests"},
    "asserts": {"entry_point", "asserts"},
}
CPU_S, ADDRESS_BYTES, FILE_BYTES, WALL_S = 3, 1 << 30, 64 << 20, 60

# Runs in the child. Calls the entry point once per input and appends one line per call to `replies`:
# "=" and a literal, "?" for a value that is not plain data, "!" and the name of an exception.
HARNESS = r"""
import ast, os, sys, types
sys.set_int_max_str_digits(0) if hasattr(sys, 'set_int_max_str_digits') else None
def make():
    write, reprs = os.write, {k: k.__repr__ for k in (int, float, str, bytes)}
    kind, sub, join, plain = type, issubclass, ''.join, (True, False, None)
    def text(x, depth=0):
        t = kind(x)
        if depth > 60:
            raise TypeError
        if x is None or x is True or x is False:
            return 'None' if x is None else 'True' if x is True else 'False'
        if sub(t, float):
            v = reprs[float](x)
            return "float('" + v + "')" if 'n' in v else v
        for base in (int, str, bytes):
            if sub(t, base):
                return reprs[base](x)
        for base, a, b in ((list, '[', ']'), (tuple, '(', ')'), (set, 'set([', '])'), (frozenset, 'frozenset([', '])')):
            if sub(t, base):
                return a + join([text(v, depth + 1) + ',' for v in base.__iter__(x)]) + b
        if sub(t, dict):
            return '{' + join([text(k, depth + 1) + ':' + text(v, depth + 1) + ',' for k, v in dict.items(x)]) + '}'
        raise TypeError
    return write, text
write, text = make()
fd = os.open('replies', os.O_WRONLY | os.O_CREAT | os.O_APPEND)
inputs = eval(open('inputs').read())
os.remove('inputs')
source = open('program.py').read()
module = types.ModuleType('candidate')
sys.modules['candidate'] = module
base = BaseException
try:
    exec(compile(source, 'program.py', 'exec'), module.__dict__)
    call = getattr(module, sys.argv[1])
except base as e:
    write(fd, ('!' + type(e).__name__ + '\n').encode())
    os._exit(1)
for args in inputs:
    try:
        value = call(*args)
    except base as e:
        write(fd, ('!' + type(e).__name__ + '\n').encode())
        os._exit(1)
    try:
        line = '=' + text(value)
    except base:
        line = '?'
    write(fd, (line + '\n').encode('utf-8', 'surrogatepass'))
os._exit(0)
"""


class Bad(Exception):
    """The file breaks a rule."""


def need(condition, message):
    if not condition:
        raise Bad(message)


def literal(node, nan=False, result=False):
    """The value of an allowed literal. `result` also admits the spellings that HARNESS uses."""
    def go(n):
        return literal(n, nan, result)
    if isinstance(node, ast.Constant) and node.value is not Ellipsis:
        return node.value
    if isinstance(node, ast.List):
        return [go(v) for v in node.elts]
    if isinstance(node, ast.Tuple):
        return tuple(go(v) for v in node.elts)
    if isinstance(node, ast.Set):
        return {go(v) for v in node.elts}
    if isinstance(node, ast.Dict) and None not in node.keys:
        return {go(k): go(v) for k, v in zip(node.keys, node.values)}
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        value = go(node.operand)
        need(type(value) in (int, float, complex), "minus before something other than a number")
        return -value
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and not node.keywords:
        name, args = node.func.id, node.args
        if name == "set" and not args:
            return set()
        if name == "frozenset" and len(args) == 1 and isinstance(args[0], ast.Set):
            return frozenset(go(args[0]))
        if name == "float" and len(args) == 1 and isinstance(args[0], ast.Constant):
            if args[0].value == "inf" or (nan and args[0].value == "nan"):
                return float(args[0].value)
            if result and args[0].value in ("-inf", "nan"):
                return float(args[0].value)
        if result and name in ("set", "frozenset") and len(args) == 1:
            return (set if name == "set" else frozenset)(go(args[0]))
    raise Bad("not an allowed literal: " + ast.dump(node)[:80])


def read_literal(text, **how):
    return literal(ast.parse(text, mode="eval").body, **how)


def same(got, want, atol):
    """Python's ==, or with a tolerance: the same shape, the same types, floats close."""
    if not atol:
        return got == want
    if type(got) is not type(want):
        return False
    if isinstance(want, float):
        return got == want or abs(got - want) <= atol + 1e-7 * abs(want)
    if isinstance(want, (list, tuple)):
        return len(got) == len(want) and all(same(g, w, atol) for g, w in zip(got, want))
    return got == want


def parse_asserts(problem):
    """The asserts as a list of argument tuples and a list of expected values."""
    inputs, expected = [], []
    for line in problem["asserts"]:
        body = ast.parse(line).body
        need(len(body) == 1 and isinstance(body[0], ast.Assert) and body[0].msg is None, "not one assert: " + line)
        test = body[0].test
        need(isinstance(test, ast.Compare) and len(test.ops) == 1 and isinstance(test.ops[0], ast.Eq)
             and isinstance(test.left, ast.Call) and isinstance(test.left.func, ast.Name)
             and test.left.func.id == problem["entry_point"] and not test.left.keywords, "not f(...) == value: " + line)
        inputs.append(tuple(literal(a, nan=True) for a in test.left.args))
        expected.append(literal(test.comparators[0]))
    return inputs, expected


def check_form(problem):
    """Raise Bad where the row breaks the format. Return (inputs, expected) except in stdin form."""
    form = problem.get("form")
    need(form in KEYS, "form is %r" % form)
    keys = {"task_id", "form", "prompt", "canonical", "candidates"} | KEYS[form]
    need(set(problem) == keys, "keys differ: %s" % sorted(set(problem) ^ keys))
    need(re.fullmatch(r"quickstart/[a-z0-9_]+", problem["task_id"]), "task_id")
    need(all(isinstance(problem[k], str) and problem[k].strip() for k in ("prompt", "canonical")), "prompt, canonical")
    parsed = None
    if form == "stdin":
        tests = problem["tests"]
        need(len(tests) >= 12, "fewer than 12 tests")
        need(all(set(t) == {"input", "output"} and all(isinstance(v, str) for v in t.values()) for t in tests), "tests")
        need(all(t["output"].strip() for t in tests), "a test expects no output")
    else:
        compile(problem["prompt"] + "    pass\n", "prompt", "exec")
        need(re.search(r"^def %s\(" % problem["entry_point"], problem["prompt"], re.M), "the prompt lacks the entry point")
        if form == "function":
            need(type(problem["atol"]) in (int, float) and problem["atol"] >= 0, "atol")
            parsed = read_literal(problem["inputs_py"], nan=True), read_literal(problem["expected_py"])
        else:
            parsed = parse_asserts(problem)
        inputs, expected = parsed
        need(isinstance(inputs, list) and isinstance(expected, list), "inputs and expected must be lists")
        need(len(inputs) == len(expected) >= 12, "fewer than 12 tests, or lengths differ")
        need(all(isinstance(a, tuple) for a in inputs), "an input is not a tuple")
    candidates = problem["candidates"]
    need(len(candidates) >= 6, "fewer than 6 candidates")
    for c in candidates:
        need(set(c) in ({"solution", "expect", "note"}, {"response", "expect", "note"}), "candidate keys")
        need(all(isinstance(v, str) and v.strip() for v in c.values()), "candidate values")
        need(c["expect"] in VERDICTS, "expect is %r" % c["expect"])
    texts = [c.get("solution") or c["response"] for c in candidates]
    need(len(set(texts)) == len(texts), "two candidates are the same")
    expects = collections.Counter(c["expect"] for c in candidates)
    need(expects["pass"] >= 2 and expects["wrong_answer"] >= 1 and expects["runtime_error"] >= 1,
         "needs 2 pass, 1 wrong_answer, 1 runtime_error: %s" % dict(expects))
    return parsed


def program_of(candidate):
    """The program, or None where a response has no code."""
    if "solution" in candidate:
        return candidate["solution"]
    blocks = re.findall(r"^```python\n(.*?)^```$", candidate["response"], re.M | re.S)
    need(len(blocks) <= 1 and candidate["response"].count("```") == 2 * len(blocks), "one fenced block at most")
    return blocks[0] if blocks else None


def limits():
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S + 1))
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_BYTES, ADDRESS_BYTES))
    resource.setrlimit(resource.RLIMIT_FSIZE, (FILE_BYTES, FILE_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def run_child(argv, cwd, stdin_text=""):
    """Exit status (negative: a signal), stdout, stderr; None as status for the wall clock."""
    paths = [os.path.join(cwd, n) for n in ("stdin", "stdout", "stderr")]
    with open(paths[0], "w", encoding="utf-8") as f:
        f.write(stdin_text)
    with open(paths[0], "rb") as i, open(paths[1], "wb") as o, open(paths[2], "wb") as e:
        child = subprocess.Popen([sys.executable, "-I", *argv], cwd=cwd, stdin=i, stdout=o, stderr=e,
                                 preexec_fn=limits, start_new_session=True)
        try:
            status = child.wait(WALL_S)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()
            status = None
    outputs = []
    for p in paths[1:]:
        with open(p, "rb") as f:
            outputs.append(f.read(FILE_BYTES + 1))
    return (status, *outputs)


def judge_calls(program, entry_point, inputs_text, expected, atol):
    with tempfile.TemporaryDirectory() as cwd:
        for name, text in (("program.py", program), ("inputs", inputs_text)):
            with open(os.path.join(cwd, name), "w", encoding="utf-8") as f:
                f.write(text)
        status, out, _ = run_child(["-c", HARNESS, entry_point], cwd)
        try:
            with open(os.path.join(cwd, "replies"), encoding="utf-8", errors="surrogatepass") as f:
                replies = f.read().splitlines()
        except FileNotFoundError:
            replies = []
    for want, reply in zip(expected, replies):
        if reply.startswith("!"):
            return "memory_limit" if reply == "!MemoryError" else "runtime_error"
        if reply == "?" or not same(read_literal(reply[1:], result=True), want, atol):
            return "wrong_answer"
    if len(replies) == len(expected):
        return "pass"
    if status in (-signal.SIGXCPU, -signal.SIGKILL):
        return "time_limit"
    if len(out) >= FILE_BYTES:
        return "output_limit"
    return "infra_error" if status is None else "runtime_error"


def normal(text):
    return [line.rstrip() for line in text.rstrip().split("\n")]


def judge_stdin(program, tests):
    for test in tests:
        with tempfile.TemporaryDirectory() as cwd:
            path = os.path.join(cwd, "program.py")
            with open(path, "w", encoding="utf-8") as f:
                f.write(program)
            status, out, err = run_child([path], cwd, test["input"])
        if status in (-signal.SIGXCPU, -signal.SIGKILL):
            return "time_limit"
        if len(out) >= FILE_BYTES:
            return "output_limit"
        if status is None:
            return "infra_error"
        if status != 0:
            return "memory_limit" if b"\nMemoryError" in err else "runtime_error"
        if normal(out.decode("utf-8", "replace")) != normal(test["output"]):
            return "wrong_answer"
    return "pass"


def verdict(problem, parsed, program):
    if program is None:
        return "no_code"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(program, "program.py", "exec")
    except (SyntaxError, ValueError):
        return "compile_error"
    if problem["form"] == "stdin":
        return judge_stdin(program, problem["tests"])
    inputs, expected = parsed
    text = problem.get("inputs_py") or "[" + ", ".join(
        "(" + "".join(ast.unparse(a) + ", " for a in ast.parse(line).body[0].test.left.args) + ")"
        for line in problem["asserts"]) + "]"
    return judge_calls(program, problem["entry_point"], text, expected, problem.get("atol", 0))


def main():
    here = os.path.dirname(os.path.abspath(__file__))
    ap = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    ap.add_argument("file", nargs="?", default=os.path.join(here, "quickstart.jsonl"))
    ap.add_argument("--only", help="check only task ids that contain this")
    ap.add_argument("--jobs", type=int, default=min(8, os.cpu_count() or 1))
    args = ap.parse_args()
    with open(args.file, encoding="utf-8") as f:
        problems = [json.loads(line) for line in f if line.strip()]
    if args.only:
        problems = [p for p in problems if args.only in p["task_id"]]
    faults, work = [], []
    if len({p["task_id"] for p in problems}) != len(problems):
        faults.append("task ids are not unique")
    for p in problems:
        try:
            parsed = check_form(p)
            work.append((p, parsed, "canonical", p["canonical"], "pass"))
            work += [(p, parsed, "candidate %d (%s)" % (n, c["note"]), program_of(c), c["expect"])
                     for n, c in enumerate(p["candidates"])]
        except (Bad, KeyError, TypeError, ValueError, SyntaxError) as e:
            faults.append("%s: %s" % (p.get("task_id"), e))
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        found = list(pool.map(lambda w: verdict(w[0], w[1], w[3]), work))
    for (p, _, who, _, want), got in zip(work, found):
        if got != want:
            faults.append("%s %s: expected %s, found %s" % (p["task_id"], who, want, got))
    for fault in faults:
        print("FAULT", fault)
    forms = collections.Counter(p["form"] for p in problems)
    expects = collections.Counter(c["expect"] for p in problems for c in p["candidates"])
    print("%d problems: %s" % (len(problems), ", ".join("%s %d" % kv for kv in sorted(forms.items()))))
    print("%d candidates: %s" % (sum(expects.values()), ", ".join("%s %d" % (v, expects[v]) for v in VERDICTS)))
    print("%d fault(s)" % len(faults))
    return 1 if faults or not problems else 0


if __name__ == "__main__":
    sys.exit(main())
