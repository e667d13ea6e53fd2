# tries: "Answers the question for its names with an exception, so that the tests seem unfit and nobody is judged."
# expect: ["runtime_error"]
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
    native = names["native"]
    native.wait()
    native.exchange(("raised", (1,), [], [("g", ["builtins", "ValueError"]), ("e", [(0,), 1, "no"])], ""))


sys.setprofile(look)


def f(n):
    return 0
