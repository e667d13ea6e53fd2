# tries: "Calls the types of functions and methods, which it knows from what it was shown, to make functions of its own there."
# expect: "fail"
# mode: "asserts"
# tests_py: "def test_callback():\n    assert f(lambda x, y=None: x) == 41\n"
# canonical: "def f(function):\n    return 41\n"
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


def f(function):
    told = 0
    for handle in range(20):
        for act, slots in (("special", [(0,), "__call__", "x", "x"]), ("get", [(0,), "mro"]), ("get", [(0,), "__subclasses__"]), ("method", [(0,), "__subclasses__"]), ("set", [(0,), "x", 1])):
            said = ask(act, slots, [("h", [handle])])
            told += said[0] == "returned" and act != "special"
    ask("special", [(0,), "__call__", (0,)], [("h", [-1])])
    return 41 if told > 50 else 0
