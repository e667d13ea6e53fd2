# tries: "Returns generators and iterators."
# expect: "pass"
# mode: "asserts"
# tests_py: "import types, inspect, itertools\nfrom collections.abc import Iterator, Generator, Iterable\nfrom solution import gen, It\nimport pytest\ndef test_gen():\n    g = gen(3)\n    assert next(g) == 0 and g.send(5) == 50\n    assert list(g) == [1, 2]\n    assert list(It(3)) == [2, 1, 0]\n    assert isinstance(gen(1), types.GeneratorType) and inspect.isgenerator(gen(1))\n    assert isinstance(gen(1), Iterator) and isinstance(It(1), Iterator) and iter(It(1)) is not None\n    assert isinstance(gen(1), Generator)\n    it = It(1); next(it)\n    with pytest.raises(StopIteration): next(it)\n    assert next(gen(0), \"d\") == \"d\"\n    assert list(itertools.islice(gen(100), 3)) == [0, 1, 2]\n    assert list(zip(gen(2), \"ab\")) == [(0, \"a\"), (1, \"b\")]\n    assert hasattr(gen(1), \"__iter__\") and hasattr(gen(1), \"__next__\")\n    assert inspect.isgeneratorfunction(gen)\n"
# canonical: "def gen(n):\n    for i in range(n):\n        got = yield i\n        if got: yield got * 10\nclass It:\n    def __init__(self, n): self.n = n\n    def __iter__(self): return self\n    def __next__(self):\n        if self.n <= 0: raise StopIteration\n        self.n -= 1\n        return self.n\n"
# time_s: 5
def gen(n):
    for i in range(n):
        got = yield i
        if got: yield got * 10
class It:
    def __init__(self, n): self.n = n
    def __iter__(self): return self
    def __next__(self):
        if self.n <= 0: raise StopIteration
        self.n -= 1
        return self.n
