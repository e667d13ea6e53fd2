# tries: "Gives and takes functions, decorators and generators."
# expect: "pass"
# mode: "asserts"
# tests_py: "import pytest\nfrom solution import *\ndef test_a():\n    c = counter(); c(); assert c(5) == 6\n    assert compose(lambda x: x + 1, str)(3) == '4'\n    calls = []\n    @memo\n    def slow(x):\n        \"doc\"\n        calls.append(x); return x * 2\n    assert slow(2) == 4 and slow(2) == 4 and calls == [2]\n    assert slow.__name__ == 'slow' and slow.__doc__ == 'doc'\n    assert slow.cache == {(2,): 4}\n    g = gen(3); assert next(g) == 0 and g.send(9) == 9 and list(g) == [1, 2]\n    assert consume(x for x in range(4)) == 6\n    assert consume(iter([1, 2])) == 3\n    assert groups(['a', 'bb', 'cc'], len) == {1: ['a'], 2: ['bb', 'cc']}\n    assert groups([1, 2, 3], key=lambda v: v % 2) == {1: [1, 3], 0: [2]}\n    n = []\n    @retry(3)\n    def flaky():\n        n.append(1)\n        if len(n) < 3: raise ValueError('x')\n        return 'ok'\n    assert flaky() == 'ok' and len(n) == 3\n    @retry(2)\n    def bad(): raise ValueError('always')\n    with pytest.raises(ValueError, match='always'): bad()\n"
# canonical: "def counter():\n    n = 0\n    def inc(step=1):\n        nonlocal n; n += step; return n\n    return inc\ndef compose(*fs):\n    def go(x):\n        for f in fs: x = f(x)\n        return x\n    return go\ndef memo(f):\n    cache = {}\n    import functools\n    @functools.wraps(f)\n    def w(*a):\n        if a not in cache: cache[a] = f(*a)\n        return cache[a]\n    w.cache = cache\n    return w\ndef gen(n):\n    for i in range(n):\n        got = yield i\n        if got: yield got\ndef consume(it): return sum(it)\ndef groups(xs, key): \n    d = {}\n    for x in xs: d.setdefault(key(x), []).append(x)\n    return d\ndef retry(n):\n    def deco(f):\n        def w(*a, **k):\n            for i in range(n):\n                try: return f(*a, **k)\n                except ValueError:\n                    if i == n - 1: raise\n        return w\n    return deco\n"
# time_s: 5
def counter():
    n = 0
    def inc(step=1):
        nonlocal n; n += step; return n
    return inc
def compose(*fs):
    def go(x):
        for f in fs: x = f(x)
        return x
    return go
def memo(f):
    cache = {}
    import functools
    @functools.wraps(f)
    def w(*a):
        if a not in cache: cache[a] = f(*a)
        return cache[a]
    w.cache = cache
    return w
def gen(n):
    for i in range(n):
        got = yield i
        if got: yield got
def consume(it): return sum(it)
def groups(xs, key): 
    d = {}
    for x in xs: d.setdefault(key(x), []).append(x)
    return d
def retry(n):
    def deco(f):
        def w(*a, **k):
            for i in range(n):
                try: return f(*a, **k)
                except ValueError:
                    if i == n - 1: raise
        return w
    return deco
