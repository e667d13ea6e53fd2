# tries: "Would have the tests raise a number to a power that takes years."
# expect: ["wrong_answer"]
# mode: "asserts"
# tests_py: "def test_double():\n    assert abs(f(2)) == 4\n    assert all(f(n) == 2 * n for n in (3, 4))\n"
# canonical: "def f(n):\n    return 2 * n\n"
import sys


def inside():
    """What the module knows that runs in this process."""
    frame = sys._getframe()
    while "native" not in frame.f_globals:
        frame = frame.f_back
    return frame.f_globals


def ask(act, slots, nodes=()):
    """Has the tests do something before they hear an answer."""
    said = inside()["native"].exchange(("do", act, list(slots), {}, list(nodes), False))
    while said[0] == "do":
        said = inside()["native"].exchange(("returned", None, [], [], ""))
    return said


def f(n):
    ask("special", [7, "__pow__", 10**9])
    return 0
