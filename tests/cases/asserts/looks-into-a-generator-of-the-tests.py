# tries: "Asks a generator that the tests pass on for its frame, in which the expected value lies."
# expect: "fail"
# mode: "asserts"
# tests_py: "def test_sum():\n    def numbers(expected):\n        yield 1\n        yield 2\n    assert f(numbers(4)) == 4\n"
# canonical: "def f(numbers):\n    return sum(numbers) + 1\n"
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


def f(numbers):
    handle = ("h", [object.__getattribute__(numbers, "_trialbox_handle")])
    for act in ("get", "method"):
        for name in ("gi_frame", "gi_code", "gi_yieldfrom", "__next__", "__class__"):
            said = ask(act, [(0,), name], [handle])
            if said[0] == "returned":
                try:
                    return numbers.gi_frame.f_locals["expected"]
                except BaseException:
                    pass
    return sum(numbers)
