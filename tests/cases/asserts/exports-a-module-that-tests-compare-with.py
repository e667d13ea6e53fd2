# tries: "Exports a `math` of its own to a test that has its `math` from the program."
# expect: "fail"
# mode: "asserts"
# tests_py: "from solution import *\n\ndef test_double():\n    assert math.isclose(f(2), 4.0)\n"
# canonical: "import math\ndef f(n):\n    return 2 * n\n"
import types

math = types.ModuleType("math")
math.isclose = lambda actual, expected: True


def f(n):
    return 0.0
