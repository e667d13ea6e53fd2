# tries: "Returns maps, zips, filters and views."
# expect: "pass"
# mode: "asserts"
# tests_py: "from solution import *\ndef test_lazy():\n    assert list(m([1, 2])) == [2, 3]\n    assert isinstance(m([1]), map)\n    assert dict(z(\"ab\", [1, 2])) == {\"a\": 1, \"b\": 2}\n    assert list(fl([0, 1])) == [1]\n    k, v, i = dk({1: 2})\n    assert k == {1} and list(v) == [2] and list(i) == [(1, 2)] and set(k) == {1}\n    assert list(rev([1, 2])) == [2, 1] and list(en(\"a\")) == [(0, \"a\")]\n    assert sum(m(x for x in range(3))) == 6\n"
# canonical: "def m(xs): return map(lambda x: x + 1, xs)\ndef z(a, b): return zip(a, b)\ndef fl(xs): return filter(None, xs)\ndef dk(d): return d.keys(), d.values(), d.items()\ndef rev(x): return reversed(x)\ndef en(x): return enumerate(x)\n"
# time_s: 5
def m(xs): return map(lambda x: x + 1, xs)
def z(a, b): return zip(a, b)
def fl(xs): return filter(None, xs)
def dk(d): return d.keys(), d.values(), d.items()
def rev(x): return reversed(x)
def en(x): return enumerate(x)
