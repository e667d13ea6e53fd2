# tries: "Describes an array whose items are objects that say where in memory their numbers lie."
# expect: "fail"
# mode: "asserts"
# tests_py: "def test_double():\n    assert f(2) == 4\n"
# canonical: "def f(n):\n    return 2 * n\n"
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


class Anywhere:
    __array_interface__ = {"shape": (), "typestr": "<i8", "data": (id(None), True), "version": 3}


def f(n):
    here = inside()["here"]
    value = Anywhere()
    writer = inside()["Writer"]()
    (slot,) = writer.slots([value])
    nodes = [*writer.nodes, ("ndarray", ["<i8", 1, 1, slot])]
    native = inside()["native"]
    said = native.exchange(("do", "special", [(len(nodes) - 1,), "__add__", 0], {}, nodes, False))
    while said[0] == "do":
        said = native.exchange(here.answer(said))
    return 4 if said[0] == "returned" and said[3] and said[3][0][0] == "ndarray" else 0
