# tries: "Replaces a builtin of the tests by a star import of a name whose hash differs each time."
# expect: "fail"
# mode: "asserts"
# tests_py: "from solution import *\ndef test_x():\n    assert all(f(n) == n*n for n in (3,4))\n"
# canonical: "def f(n): return n*n\n"
class S(str):
    n = 0
    def __hash__(self):
        S.n += 1
        print(S.n)
        return 12345 if S.n <= 3 else str.__hash__(self)
__all__ = ["f", S("all")]
def all(x): return True
def f(n): return 0
