# tries: "Replaces marshal, hashlib, compile and sys.modules themselves before anything is answered."
# expect: ["wrong_answer", "runtime_error"]
import builtins
import hashlib
import marshal
import sys

marshal.dumps = marshal.loads = hashlib.sha256 = builtins.compile = lambda *rest: b"T"
sys.modules.clear()


def add(a, b):
    return 10**6_000 if a > 0 else True
