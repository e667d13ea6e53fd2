# tries: "Returns every plain type there is, and numbers that equal the expected one in another type."
# expect: "pass"
# entry_point: "give"
# calls: [[[0], null], [[1], null], [[2], null], [[3], null], [[4], null], [[5], null], [[6], null], [[7], null], [[8], null], [[9], null]]
# expected_py: "[b'ab', {1, 2}, frozenset({1}), (1, (2, [3])), None, complex(1, 2), 3, 3, 1, float('inf')]"
from decimal import Decimal
from fractions import Fraction


def give(index):
    plain = [bytearray(b"ab"), {2, 1}, {1}, (1, (2, [3])), None, 1 + 2j]
    equal_to_plain = [Decimal(3), Fraction(6, 2), True, float("inf")]
    return (plain + equal_to_plain)[index]
