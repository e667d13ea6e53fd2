# tries: "Is an object from which the tests derive a class."
# expect: "fail"
# mode: "asserts"
# tests_py: "class Mine(Base):\n    @property\n    def x(self): return 1\ndef test_y():\n    assert size(Mine()) == 0\n"
class K:
    def __init__(self, *a): pass
Base = K()
def size(s): return 1
