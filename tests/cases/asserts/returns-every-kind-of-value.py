# tries: "Returns values of every plain kind, nested."
# expect: "pass"
# mode: "asserts"
# asserts: ["from decimal import Decimal", "from fractions import Fraction", "assert list(f()) == [Decimal('1.5'), Fraction(1, 3), 10**40, -10**30, {1: (2,)}, {3}, frozenset([4]), b'x', 1j, None, True, 'd\\u00e9j\\u00e0', -5, 2.5]"]
from decimal import Decimal
from fractions import Fraction


def f():
    return [Decimal("1.5"), Fraction(1, 3), 10**40, -(10**30), {1: (2,)}, {3}, frozenset([4]), b"x", 1j, None, True, "d\u00e9j\u00e0", -5, 2.5]
