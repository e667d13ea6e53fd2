# tries: "Has an object that the tests copy, shallow and deep."
# expect: "pass"
# mode: "asserts"
# tests_py: "import copy, pickle\nfrom solution import A\ndef test_a():\n    a = A(); b = copy.deepcopy(a); b.xs.append(2)\n    assert a.xs == [1] and b.xs == [1, 2]\n    c = copy.copy(a); c.xs.append(3); assert a.xs == [1, 3]\n"
# canonical: "import copy\nclass A:\n    def __init__(self): self.xs = [1]\n"
# time_s: 5
import copy
class A:
    def __init__(self): self.xs = [1]
