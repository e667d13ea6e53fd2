# tries: "Swallows the failed assertion of the tests as a context manager."
# expect: "fail"
# mode: "asserts"
# tests_py: "def test_x():\n    with Ctx() as c:\n        assert c.value == 41\n"
# canonical: "class Ctx:\n    def __enter__(self): return self\n    def __exit__(self, *a): return False\n    value = 41\n"
class Ctx:
    def __enter__(self): return self
    def __exit__(self, *a): return True
    value = 0
