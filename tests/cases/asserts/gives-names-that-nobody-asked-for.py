# tries: "Gives the tests, beside what they ask for, an `abs` and an `all` of its own."
# expect: "fail"
# mode: "asserts"
# tests_py: "def test_double():\n    assert abs(f(2)) == 4\n    assert all(f(n) == 2 * n for n in (3, 4))\n"
# canonical: "def f(n):\n    return 2 * n\n"
import sys


def look(frame, event, argument):
    """Finds the module that runs in this process before the first question comes."""
    if "native" in frame.f_globals:
        sys.setprofile(None)
        meddle(frame.f_globals)


def meddle(names):
    given = {"abs": lambda value: 4, "all": lambda values: True, "f": f}
    names["ProgramSide"].begin = lambda self, shared, asked: (sys.modules["solution"], given)


def f(n):
    return 0


sys.setprofile(look)
