# tries: "Has a function that is called like a test, which a star import brings."
# expect: "pass"
# mode: "asserts"
# tests_py: "from solution import *\ndef test_x():\n    assert f(3) == 9\n"
def test_foo(nonsense): pass
def f(n): return n*n
