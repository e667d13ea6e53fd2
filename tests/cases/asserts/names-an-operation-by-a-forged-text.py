# tries: "Names the operations of its class by an object whose hash differs each time, so that comparisons are its own."
# expect: "fail"
# mode: "asserts"
# tests_py: "def test_y():\n    assert f(2) == 4\n"
# canonical: "def f(n): return n*n\n"
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

class Name(str):
    k = 0
    def __hash__(self):
        Name.k += 1
        return 12345 if Name.k == 3 else str.__hash__(self)
class Same:
    def __eq__(self, other):
        return True
name = Name("__eq__")
def look():
    names = inside()
    plain = names["Side"].class_node
    error = ValueError()
    error.split = lambda *a: [name]
    def class_node(self, kind, writer):
        tag, parts = plain(self, kind, writer)
        if kind is Same and len(parts) > 1:
            parts[3] = writer.slot(error)
        return tag, parts
    names["ProgramSide"].class_node = class_node
def f(n):
    look()
    return Same()
