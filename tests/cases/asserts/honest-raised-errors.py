# tries: "Raises what the tests look at in every way that pytest has."
# expect: "pass"
# mode: "asserts"
# tests_py: "import pytest\nfrom solution import f, E\ndef test_a():\n    with pytest.raises(ValueError, match=r'negative value: -\\d') as excinfo:\n        f(-3)\n    assert excinfo.value.args == ('negative value: -3',)\n    assert 'negative' in str(excinfo.value) and excinfo.type is ValueError\n    assert excinfo.typename == 'ValueError' if hasattr(excinfo, 'typename') else True\n    with pytest.raises((KeyError, TypeError)) as e2:\n        f(9)\n    assert e2.value.args[0] == 9\n    with pytest.raises(E) as e3:\n        f(0)\n    assert e3.value.code == 3 and e3.value.args == (3, 'zero')\n    assert excinfo.match('negative')\n    pytest.raises(ValueError, f, -1)\n    e = pytest.raises(ValueError, lambda: f(-2))\n    assert str(e.value) == 'negative value: -2'\n"
# canonical: "class E(ValueError):\n    def __init__(self, code, msg): super().__init__(code, msg); self.code = code\ndef f(x):\n    if x < 0: raise ValueError('negative value: %d' % x)\n    if x == 0: raise E(3, 'zero')\n    return {}[x]\n"
# time_s: 5
class E(ValueError):
    def __init__(self, code, msg): super().__init__(code, msg); self.code = code
def f(x):
    if x < 0: raise ValueError('negative value: %d' % x)
    if x == 0: raise E(3, 'zero')
    return {}[x]
