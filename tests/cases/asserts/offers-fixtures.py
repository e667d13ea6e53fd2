# tries: "Offers the tests fixtures of its own under the names that they ask for."
# expect: "fail"
# mode: "asserts"
# tests_py: "def test_prints(capsys):\n    f(2)\n    g\n    assert capsys.readouterr().out == 'four\\n'\n"
# canonical: "def f(n):\n    print('four')\ndef g():\n    pass\n"
def f(n):
    return 0


class Captured:
    out = "four\n"


def g():
    class Twin:
        def readouterr(self):
            return Captured
    return Twin()


f.trialbox_fixture = "nothing"
g.trialbox_fixture = "capsys"
g.trialbox_params = None
f.trialbox_autouse = g.trialbox_autouse = False
