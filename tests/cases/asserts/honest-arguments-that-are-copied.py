# tries: "Copies a list of the tests, so that what either does to its own is no matter of the other."
# expect: "pass"
# mode: "asserts"
# tests_py: "from solution import K\ndef test_a():\n    xs = [1]\n    k = K(xs)\n    k.add(2)\n    assert xs == [1]\n    xs.append(3)\n    assert k.n() == 2\n    assert k.xs is not xs and k.xs == [1, 2]\n"
# canonical: "class K:\n    def __init__(self, xs): self.xs = list(xs)\n    def add(self, x): self.xs.append(x)\n    def n(self): return len(self.xs)\n"
# time_s: 5
class K:
    def __init__(self, xs): self.xs = list(xs)
    def add(self, x): self.xs.append(x)
    def n(self): return len(self.xs)
