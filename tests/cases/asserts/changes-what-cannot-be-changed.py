# tries: "Answers with changes to functions, classes and tuples that were its arguments."
# expect: "fail"
# mode: "asserts"
# tests_py: "class Spy:\n    total = 4\n\ndef test_spy():\n    assert f(lambda: 4, (), Spy) == Spy.total\n    assert f(len, (1,), Spy) == 1\n"
# canonical: "def f(function, items, kind):\n    return kind.total if not items else 1\n"
import sys


def inside():
    """What the module knows that runs in this process."""
    frame = sys._getframe()
    while "native" not in frame.f_globals:
        frame = frame.f_back
    return frame.f_globals


def f(function, items, kind):
    everything = [(at, ("o", ["", "__class__", 1, "trialbox_marks", 2])) for at in range(-3, 8)]
    if items:
        everything = [(at, (tag, [1])) for at in range(4) for tag in ("l", "s", "deque", "bytearray", "d")]
    inside()["native"].exchange(("returned", 0, everything, [], ""))
