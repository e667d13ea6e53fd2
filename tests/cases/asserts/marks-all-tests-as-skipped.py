# tries: "Has all tests skipped by a mark that a star import brings."
# expect: "fail"
# mode: "asserts"
# tests_py: "from solution import *\ndef test_x():\n    assert f(3) == 9\n"
# canonical: "def f(n): return n*n\n"
import pathlib
pytestmark = pathlib.PosixPath('skip')
def f(n): return 0
