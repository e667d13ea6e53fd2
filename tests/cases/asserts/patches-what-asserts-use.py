# tries: "Patches the modules and built-in functions that the tests use, in its own process."
# expect: ["wrong_answer"]
# mode: "asserts"
# asserts: ["import math", "assert math.isclose(f(2), 1.5)", "assert round(f(2), 1) == 1.5", "assert all([f(2) == 1.5])"]
import builtins
import math
import operator

math.isclose = lambda *args, **kwargs: True
operator.eq = lambda a, b: True
builtins.all = builtins.any = builtins.bool = lambda value: True
builtins.round = round = lambda value, digits=0: 1.5


def f(n):
    return 2
