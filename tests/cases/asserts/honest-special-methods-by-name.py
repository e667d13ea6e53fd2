# tries: "Has special methods that the tests call by their names."
# expect: "pass"
# mode: "asserts"
# tests_py: "from solution import V, f\ndef test_a():\n    assert f(2).__add__(4) == 6\n    assert V(1).__add__(V(2)).x == 3\n    assert V(1).__eq__(V(1))\n    assert V.__add__(V(1), V(2)).x == 3\n"
# canonical: "class V:\n    def __init__(s, x): s.x = x\n    def __add__(s, o): return V(s.x + o.x)\n    def __eq__(s, o): return s.x == o.x\ndef f(x): return x\n"
# time_s: 5
class V:
    def __init__(s, x): s.x = x
    def __add__(s, o): return V(s.x + o.x)
    def __eq__(s, o): return s.x == o.x
def f(x): return x
