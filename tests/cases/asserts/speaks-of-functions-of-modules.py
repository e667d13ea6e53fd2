# tries: "Returns `os._exit`, `pytest.skip`'s exception and other things of modules, by their names."
# expect: "fail"
# mode: "asserts"
# asserts: ["assert f(0)", "assert f(1)"]
import sys


def inside():
    """What the module knows that runs in this process."""
    frame = sys._getframe()
    while "native" not in frame.f_globals:
        frame = frame.f_back
    return frame.f_globals


def f(n):
    spoken = [("os", "_exit"), ("__main__", "Skipped"), ("solution", "f"), ("__tests__", "check"), ("pytest", "skip"), ("builtins", "eval"), ("sys", "modules"), ("builtins", "__import__")][n]
    inside()["native"].exchange(("returned", (0,), [], [("g", list(spoken))], ""))
