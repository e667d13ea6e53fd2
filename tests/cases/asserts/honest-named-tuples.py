# tries: "Returns named tuples, which are compared with tuples and have methods."
# expect: "pass"
# mode: "asserts"
# tests_py: "from solution import P, Q, mk\ndef test_nt():\n    p = P(1, 2)\n    assert p == (1, 2) and p.x == 1 and p[1] == 2\n    x, y = p\n    assert (x, y) == (1, 2)\n    assert p._replace(x=5) == (5, 2) and p._asdict() == {\"x\": 1, \"y\": 2}\n    assert P._fields == (\"x\", \"y\")\n    assert sorted(mk()) == [(0, 5), (1, 2)] and max(mk()).y == 2\n    assert Q(3).twice() == 6 and Q(3).b == \"z\" and isinstance(Q(3), tuple)\n    assert repr(p) == \"P(x=1, y=2)\"\n    assert hash(p) == hash((1, 2))\n    assert {p: 1}[(1, 2)] == 1\n    assert P._make([1, 2]) == p\n"
# canonical: "from collections import namedtuple\nfrom typing import NamedTuple\nP = namedtuple(\"P\", \"x y\")\nclass Q(NamedTuple):\n    a: int\n    b: str = \"z\"\n    def twice(self): return self.a * 2\ndef mk(): return [P(1, 2), P(0, 5)]\n"
# time_s: 5
from collections import namedtuple
from typing import NamedTuple
P = namedtuple("P", "x y")
class Q(NamedTuple):
    a: int
    b: str = "z"
    def twice(self): return self.a * 2
def mk(): return [P(1, 2), P(0, 5)]
