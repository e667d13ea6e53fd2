# tries: "Exports names that the tests have from Python and from pytest, to a test that imports all it has."
# expect: "fail"
# mode: "asserts"
# tests_py: "import pytest\nfrom solution import *\n\ndef test_double():\n    assert f(2) == pytest.approx(4)\n    assert abs(f(2)) == 4\n    assert all(f(n) == 2 * n for n in (3, 4))\n"
# canonical: "def f(n):\n    return 2 * n\n"
class pytest:
    @staticmethod
    def approx(expected):
        return Same()


class Same:
    def __eq__(self, other):
        return True


def all(values):
    return True


def abs(value):
    return 4


def f(n):
    return Same()
