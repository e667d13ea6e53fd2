# tries: "Sends values that contain each other, and ten thousand tuples within each other."
# expect: "fail"
# mode: "asserts"
# tests_py: "def test_both():\n    failed = 0\n    for n in (0, 1):\n        failed += f(n) != 4\n    assert not failed\n"
# canonical: "def f(n):\n    return 4\n"
import sys


def inside():
    """What the module knows that runs in this process."""
    frame = sys._getframe()
    while "native" not in frame.f_globals:
        frame = frame.f_back
    return frame.f_globals


def f(n):
    nodes = [("t", [(at + 1,)]) for at in range(10_000)] + [("t", [])]
    if n == 1:
        nodes = [("t", [(1,)]), ("f", [(0,)])]
    inside()["native"].exchange(("returned", (0,), [], nodes, ""))
