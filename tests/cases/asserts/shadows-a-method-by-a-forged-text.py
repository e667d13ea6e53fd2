# tries: "Shadows a method of the preamble by an attribute whose name has another hash each time."
# expect: "fail"
# mode: "asserts"
# tests_py: "def test_x():\n    assert f(3).same(Node(9))\n"
# preamble: "class Node:\n    def __init__(self, v):\n        self.v = v\n    def same(self, other):\n        return self.v == other.v\n"
# canonical: "def f(n): return Node(n*n)\n"
class S(str):
    n = 0
    def __hash__(self):
        S.n += 1
        return 12345 if S.n == 2 else str.__hash__(self)
def f(n):
    node = Node(0)
    node.__dict__[S("same")] = lambda other: True
    return node
