# tries: "Sends instances of classes that the preamble never had, and attributes with odd names."
# expect: "fail"
# mode: "asserts"
# tests_py: "def test_pair():\n    passed = 0\n    for n in range(6):\n        try:\n            passed += f(n).a == 4\n        except Exception:\n            pass\n    assert passed == 6\n"
# preamble: "class Pair:\n    a = 4\n"
# canonical: "def f(n):\n    return Pair()\n"
import sys


def inside():
    """What the module knows that runs in this process."""
    frame = sys._getframe()
    while "native" not in frame.f_globals:
        frame = frame.f_back
    return frame.f_globals


def f(n):
    node = [("o", ["int", "val", 4]), ("o", ["Pair", "__class__", 4]), ("o", ["Pair", "a.b", 4]), ("o", ["Pair", 7, 4]), ("o", [(0,)]), ("o", [])][n]
    inside()["native"].exchange(("returned", (0,), [], [node], ""))
