# tries: "Says of every list that it is gone, and changes it all the same."
# expect: "fail"
# mode: "asserts"
# tests_py: "def test_f():\n    items = [1]\n    f(items)\n    assert items == [4]\n"
# canonical: "def f(items):\n    items[0] = 4\n"
import sys


def inside():
    """What the module knows that runs in this process."""
    frame = sys._getframe()
    while "native" not in frame.f_globals:
        frame = frame.f_back
    return frame.f_globals


def f(items):
    gone = [(0, ("gone", list(range(-50, 50))))]
    inside()["native"].exchange(("returned", None, gone + [(-1, ("l", [4])), (-2, ("l", [4]))], [], ""))
