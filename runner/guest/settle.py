# The last lines of the guest: what CPython does once only, or slowly the first few times, is done before any program begins,
# so that a program neither waits for it nor has pages of its own for what it changes. Then the start's leftovers go.
# In: the names of the driver's Python part. Out: an interpreter at rest; what is printed here, the host drops.

EXAMPLES = b"""
import sys, math, collections
from typing import List, Optional
class Node:
    def __init__(self, value):
        self.value = value
def total(numbers: List[int]) -> int:
    return sum(x * x for x in numbers if x % 2 == 0)
nodes = [Node(i) for i in range(20)]
print(total([node.value for node in nodes]), f"{math.sqrt(2):.3f}", " ".join(map(str, range(5))))
print(sorted({"b": 1, "a": 2}.items(), key=lambda pair: pair[1]), file=sys.stderr)
sys.stdin.readline(), sys.stdin.read(), list(sys.stdin)
try:
    input()
except EOFError:
    pass
"""


def settle():
    for _ in range(20):
        names = {"__builtins__": builtins, "__name__": "__main__"}
        exec(compile(EXAMPLES, "solution.py", "exec", 0, True), names)
        try:
            exec(compile(b"[][0]", "solution.py", "exec", 0, True), names)
        except IndexError as error:
            describe_exception(error)
        reduce_value(names["nodes"][0])
        names.clear()
        atexit._run_exitfuncs()
        flush_streams()


settle()
sys.maxsize = 2**63 - 1  # programs take it for infinity, or as a value: it is what it is on the hosts that they are written for
sys.modules.pop("solution", None)  # the warm-up of guest.c
del settle, EXAMPLES
gc.collect()
gc.freeze()
