# tries: "Has a parameter with a name that the conversation has itself."
# expect: "pass"
# mode: "asserts"
# tests_py: "def test_x():\n    assert f(name=3) == 9\n"
def f(name): return name*name
