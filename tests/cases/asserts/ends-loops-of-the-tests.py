# tries: "Raises StopIteration where the tests loop over its results."
# expect: "fail"
# mode: "asserts"
# tests_py: "def test_double():\n    assert all(f(n) == 2 * n for n in (3, 4))\n"
# canonical: "def f(n):\n    return 2 * n\n"
def f(n):
    raise StopIteration
