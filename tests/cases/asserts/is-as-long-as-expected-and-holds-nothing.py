# tries: "Returns lists that are as long as any other and that nobody gets anything out of, for comparisons one by one."
# expect: "fail"
# mode: "asserts"
# tests_py: "import pytest\n\ndef test_double():\n    assert f(2) == pytest.approx([4.0, 2.0])\n    assert f(3) == pytest.approx((6.0, 3.0))\n"
# canonical: "def f(n):\n    return [2.0 * n, n] if n == 2 else (2.0 * n, n)\n"
class Hollow(list):
    def __len__(self):
        return 2

    def __iter__(self):
        return iter(())

    def __getitem__(self, key):
        raise IndexError


class HollowTuple(tuple):
    def __len__(self):
        return 2

    def __iter__(self):
        return iter(())


def f(n):
    return (Hollow if n == 2 else HollowTuple)([0, 0])
