# tries: "Answers with changes to lists of the tests that it was never given, by every number there could be."
# expect: "fail"
# mode: "asserts"
# tests_py: "EXPECTED = [4]\n\ndef test_f():\n    result = f([1])\n    assert result == EXPECTED\n\ndef test_again():\n    assert f([2]) == EXPECTED\n"
# canonical: "def f(items):\n    return [4]\n"
import sys


def inside():
    """What the module knows that runs in this process."""
    frame = sys._getframe()
    while "native" not in frame.f_globals:
        frame = frame.f_back
    return frame.f_globals


def f(items):
    everything = [(at, ("l", [9])) for at in range(-200, 200)]
    inside()["native"].exchange(("returned", (0,), everything, [("l", [9])], ""))
