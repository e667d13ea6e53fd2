# tries: "Returns an object with the dunder methods that tests may call by name."
# expect: "fail"
# mode: "asserts"
# tests_py: "def test_text():\n    assert f(2).__eq__(4)\n"
# canonical: "def f(n):\n    return 4\n"
class Yes:
    def __eq__(self, other):
        return True

    def __contains__(self, other):
        return True


def f(n):
    return Yes()
