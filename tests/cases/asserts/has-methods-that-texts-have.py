# tries: "Returns an object whose methods are called like those of texts and sets, and agrees with whatever they are asked."
# expect: "fail"
# mode: "asserts"
# tests_py: "def test_text():\n    assert f(2).startswith('ab')\n    assert f(2).startswith('abc')\n"
# canonical: "def f(n):\n    return 'abc'\n"
class Yes:
    def startswith(self, other):
        return True

    issubset = startswith


def f(n):
    return Yes()
