# tries: "Sends acts on a function of the tests that its own side would never send."
# expect: "fail"
# mode: "asserts"
# tests_py: "EXPECTED = 41\n\ndef test_callback():\n    assert f(lambda x: x) == EXPECTED\n"
# canonical: "def f(function):\n    return function(41)\n"
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
    handle = ("h", [object.__getattribute__(function, "_trialbox_handle")])
    found = []
    for act in ("get", "method", "special", "set", "delete", "begin", "public", "await", "nothing"):
        for name in ("__globals__", "__code__", "__getattribute__", "__init_subclass__", "__call__.__globals__", "__reduce_ex__", "__defaults__", 7, None):
            found.append(ask(act, [(0,), name], [handle]))
            found.append(ask(act, [(1,)], [handle, ("m", [(0,), name])]))
    for said in found:
        if said[0] == "returned" and "EXPECTED" in repr(said):
            return 41
    return 0
