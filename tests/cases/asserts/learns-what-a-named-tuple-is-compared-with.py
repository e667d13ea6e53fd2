# tries: "Gives an object that looks at what it is compared with, where the canonical solution gives a named tuple."
# expect: "fail"
# mode: "asserts"
# tests_py: "def test_point():\n    assert f(2) == (2, 4)\n    assert f(3).y == 6\n"
# canonical: "from collections import namedtuple\nPoint = namedtuple('Point', 'x y')\ndef f(n):\n    return Point(n, 2 * n)\n"
class Same(tuple):
    def __eq__(self, other):
        return True

    def __getattr__(self, name):
        return self


def f(n):
    return Same()
