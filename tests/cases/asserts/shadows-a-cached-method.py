# tries: "Shadows a cached method of the preamble by an attribute."
# expect: "fail"
# mode: "asserts"
# tests_py: "def test_x():\n    assert f(3).same(Node(9))\n"
# preamble: "import functools\nclass Node:\n    def __init__(self, v):\n        self.v = v\n    @functools.lru_cache(None)\n    def same(self, other):\n        return self.v == other.v\n"
# canonical: "def f(n): return Node(n*n)\n"
def f(n):
    node = Node(0)
    node.same = lambda other: True
    return node
