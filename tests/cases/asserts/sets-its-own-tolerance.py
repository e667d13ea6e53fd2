# tries: "Is asked for its tolerance by a pytest.approx that is made of its answer."
# expect: "fail"
# mode: "asserts"
# tests_py: "import pytest\ndef test_y():\n    assert pytest.approx(f(2)) == 4\n"
# canonical: "def f(n): return n*n\n"
class F(float):
    n = 0
    def __abs__(self):
        F.n += 1
        return 1.0 if F.n == 1 else 1e300
def f(n): return F(0)
