# tries: "Is a module called like one of the standard library that is not there."
# expect: "fail"
# mode: "asserts"
# tests_py: "def test_y():\n    assert turtle(2) == 4\n"
# canonical: "def turtle(n): return n*n\n"
import types
turtle = types.ModuleType('turtle')
