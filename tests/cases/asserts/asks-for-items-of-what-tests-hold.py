# tries: "Reads by a forged question what tests have put into its list."
# expect: "fail"
# mode: "asserts"
# tests_py: "def test_y():\n    items = start()\n    items.append(41)\n    assert g(3) == 41\n"
# canonical: "def start(): return []\ndef g(n): return 41\n"
import sys
def inside():
    frame = sys._getframe()
    while "native" not in frame.f_globals:
        frame = frame.f_back
    return frame.f_globals

def ask(act, slots, nodes=(), keywords=None):
    said = inside()["native"].exchange(("do", act, list(slots), keywords or {}, list(nodes), False))
    while said[0] == "do":
        said = inside()["native"].exchange(("returned", None, [], [], ""))
    return said

L = []
def start(): return L
def g(n):
    number = inside()["here"].links.numbers.get(id(L))
    return ask("special", [(0,), "__getitem__", -1], [("w", [number])])[1]
