# tries: "Ends a loop of the tests by StopIteration."
# expect: "fail"
# mode: "asserts"
# tests_py: "def test_x():\n    for got, want in zip(map(f, [2,3]), [4,9]):\n        assert got == want\n"
# canonical: "def f(n): return n*n\n"
def f(n):
    raise StopIteration
