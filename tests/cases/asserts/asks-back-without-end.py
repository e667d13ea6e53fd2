# tries: "Calls the callback that calls it, deeper and deeper."
# expect: "fail"
# mode: "asserts"
# tests_py: "def test_callback():\n    def again(x):\n        return f(again)\n    result = None\n    try:\n        result = f(again)\n    except RecursionError:\n        pass\n    assert result == 4\n"
# canonical: "def f(function):\n    return 4\n"
import sys

sys.setrecursionlimit(10**6)


def f(function):
    return function(0)
