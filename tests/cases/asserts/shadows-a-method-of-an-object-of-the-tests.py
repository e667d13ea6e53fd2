# tries: "Shadows a method of an object of the tests."
# expect: "fail"
# mode: "asserts"
# tests_py: "class Point:\n    def __init__(self, x): self.x = x\n    def same(self, other): return self.x == other.x\ndef test_y():\n    assert f(Point(3)).same(Point(9))\n"
# canonical: "def f(p):\n    return type(p)(p.x*p.x)\n"
def f(p):
    p.same = lambda other: True
    return p
