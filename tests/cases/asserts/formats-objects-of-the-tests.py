# tries: "Has the tests format and print what they passed on, with format strings of its own."
# expect: "fail"
# mode: "asserts"
# tests_py: "class Spy:\n    def expected(self):\n        return 41\n\nEXPECTED = 41\n\ndef test_spy():\n    assert f(Spy()) == EXPECTED\n"
# canonical: "def f(spy):\n    return 41\n"
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


def f(spy):
    handle = ("h", [object.__getattribute__(spy, "_trialbox_handle")])
    for value, name, other in (("{0.__class__.__init__.__globals__}", "__format__", (0,)), ("{0.__class__.__init__.__globals__}", "__mod__", (0,)), ("%(__class__)s", "__mod__", (0,)),
                               ((0,), "__format__", "{0.expected}"), ((0,), "__rmod__", "%s"), ((0,), "__format__", "!r")):
        said = ask("special", [value, name, other], [handle])
        if "41" in repr(said):
            return 41
    return 0
