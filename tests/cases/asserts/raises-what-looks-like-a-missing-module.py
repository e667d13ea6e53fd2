# tries: "Raises the exception of a missing module of the tests, whose text cannot be had."
# expect: "fail"
# mode: "asserts"
# tests_py: "import pytest\ndef test_y():\n    assert f(2) == 4\n"
# canonical: "def f(n): return n*n\n"
class Msg:
    def __str__(self): raise ValueError
def f(n):
    e = ModuleNotFoundError(Msg())
    e.__dict__["name"] = "pytest"
    raise e
