# tries: "Keeps a list of the tests, which both change later."
# expect: "pass"
# mode: "asserts"
# tests_py: "from solution import K\ndef test_a():\n    xs = [1]\n    k = K(xs)\n    k.add(2)\n    assert xs == [1, 2]\n    xs.append(3)\n    assert k.n() == 3\n    assert k.xs is xs\n"
# canonical: "class K:\n    def __init__(self, xs): self.xs = xs\n    def add(self, x): self.xs.append(x)\n    def n(self): return len(self.xs)\n"
# time_s: 5
class K:
    def __init__(self, xs): self.xs = xs
    def add(self, x): self.xs.append(x)
    def n(self): return len(self.xs)
