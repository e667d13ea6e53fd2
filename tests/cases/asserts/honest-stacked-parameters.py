# tries: "Is tested with stacked parameters, some of them marked."
# expect: "pass"
# mode: "asserts"
# tests_py: "import pytest\nfrom solution import mul\ngot = []\n@pytest.mark.parametrize('a', [1, 2], ids=['one', 'two'])\n@pytest.mark.parametrize('b', [10, pytest.param(20, id='twenty')])\ndef test_a(a, b):\n    got.append((a, b))\n    assert mul(a, b) == a * b\n@pytest.mark.parametrize(('x', 'y'), [(1, 2), pytest.param(3, 4, marks=pytest.mark.xfail)], ids=lambda v: str(v))\ndef test_b(x, y):\n    assert mul(x, y) == 2\n@pytest.mark.parametrize('x', [[1, 2], {'a': 1}])\nclass TestC:\n    def test_c(self, x): assert mul(x, 1) == x if isinstance(x, list) else True\ndef test_order(): assert sorted(got) == [(1, 10), (1, 20), (2, 10), (2, 20)]\n"
# canonical: "def mul(a, b): return a * b\n"
# time_s: 5
def mul(a, b): return a * b
