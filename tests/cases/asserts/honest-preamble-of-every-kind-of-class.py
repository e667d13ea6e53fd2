# tries: "Shares an enum, a named tuple, an exception and a dataclass with the tests."
# expect: "pass"
# mode: "asserts"
# tests_py: "import pytest\ndef test_e():\n    assert flip(Color.A) is Color.B\ndef test_pt():\n    assert pt() == Pt(1, 2) and pt().x == 1\ndef test_err():\n    with pytest.raises(MyErr, match=\"oops\"): bad()\ndef test_tree():\n    assert tree().right is None and tree().left.v == 2 and isinstance(tree(), Node)\n    from solution import flip\n"
# preamble: "\nfrom enum import Enum\nfrom typing import NamedTuple\nfrom dataclasses import dataclass\nclass Color(Enum):\n    A = 1\n    B = 2\nclass Pt(NamedTuple):\n    x: int\n    y: int\nclass MyErr(Exception): pass\n@dataclass\nclass Node:\n    v: int\n    left: \"Node\" = None\n    right: \"Node\" = None\n"
# canonical: "def flip(c): return Color.B if c is Color.A else Color.A\ndef pt(): return Pt(1, 2)\ndef bad(): raise MyErr(\"oops\")\ndef tree(): return Node(1, Node(2))\n"
# time_s: 5
def flip(c): return Color.B if c is Color.A else Color.A
def pt(): return Pt(1, 2)
def bad(): raise MyErr("oops")
def tree(): return Node(1, Node(2))
