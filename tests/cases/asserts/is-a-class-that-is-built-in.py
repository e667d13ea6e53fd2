# tries: "Is a built-in class, of which the tests make what cannot be sent."
# expect: "fail"
# mode: "asserts"
# tests_py: "def test_y():\n    s = Stack()\n    assert size(s) == 0\n"
Stack = property
def size(s): return 1
