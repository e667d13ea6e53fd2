# tries: "Asks by raw messages to patch, to derive, to echo and to print on the side of the tests."
# expect: "fail"
# mode: "asserts"
# tests_py: "import math\n\ndef test_f():\n    assert f(lambda x: x) == 4\n    assert math.floor(3.5) == 3 and isinstance(f(len), int)\n"
# canonical: "def f(function):\n    return 4\n"
import sys


def inside():
    """What the module knows that runs in this process."""
    frame = sys._getframe()
    while "native" not in frame.f_globals:
        frame = frame.f_back
    return frame.f_globals


def f(function):
    for question in [
        ("patch", ["math", "floor", 3]),
        ("unpatch", ["builtins", "isinstance"]),
        ("call", ["os", "_exit", 0]),
        ("derive", ["X", [], {}]),
        ("dataclass", [(0,), "replace"]),
        ("environment", [{}]),
        ("warnings", [True]),
        ("reset", [(0,), "x"]),
        ("read", ["text"]),
        ("print", ["nobody listens"]),
    ]:
        act, slots = question
        slots = [None if isinstance(slot, (list, dict)) else slot for slot in slots]
        said = inside()["native"].exchange(("do", act, slots, {}, [("h", [0])], False))
        while said[0] == "do":
            said = inside()["native"].exchange(("returned", None, [], [], ""))
    return 3
