# tries: "Has a parameter with a name that the conversation has itself."
# expect: "pass"
# mode: "asserts"
# tests_py: "def test_x():\n    assert f(act=3) == 9\n"
def f(act): return act*act
