# tries: "Keeps sets in a list and lists in a dict, which the tests change there."
# expect: "pass"
# mode: "asserts"
# tests_py: "from solution import Graph\ndef test_a():\n    g = Graph(3)\n    g.adj[0].add(2)\n    assert g.degree(0) == 1\n    g.adj[0].add(1)\n    assert g.degree(0) == 2 and g.adj == [{1, 2}, set(), set()]\n    g.w[0].append(7)\n    assert g.w == {0: [1, 7]}\n    g.w.setdefault(5, []).append(1)\n    assert g.w[5] == [1]\n"
# canonical: "class Graph:\n    def __init__(self, n): self.adj = [set() for _ in range(n)]; self.w = {0: [1]}\n    def degree(self, v): return len(self.adj[v])\n"
# time_s: 5
class Graph:
    def __init__(self, n): self.adj = [set() for _ in range(n)]; self.w = {0: [1]}
    def degree(self, v): return len(self.adj[v])
