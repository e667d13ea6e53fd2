# tries: "Waits for objects of the tests that are no coroutines, and for numbers of which there are none."
# expect: "fail"
# mode: "asserts"
# tests_py: "def test_f():\n    assert f(lambda x: x) == 4\n"
# canonical: "def f(function):\n    return 4\n"
import sys


def inside():
    """What the module knows that runs in this process."""
    frame = sys._getframe()
    while "native" not in frame.f_globals:
        frame = frame.f_back
    return frame.f_globals


def f(function):
    for at in (0, 1, 2, -1, 99, True, "0", None):
        said = inside()["native"].exchange(("do", "await", [at], {}, [], False))
        while said[0] == "do":
            said = inside()["native"].exchange(("returned", None, [], [], ""))
    return 3
