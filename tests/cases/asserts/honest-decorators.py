# tries: "Has decorators and other functions that take the functions of tests, and keeps their names."
# expect: "pass"
# mode: "asserts"
# tests_py: "from solution import apply, compose, memo, retry, sortby, each\nimport pytest\ndef test_cb():\n    assert apply(lambda x, y=2: x + y, 1) == 3 and apply(max, 1, 5) == 5 and apply(sorted, [2, 1], reverse=True) == [2, 1]\n    assert compose(lambda x: x + 1, str, len)(99) == 3\n    calls = []\n    @memo\n    def slow(x):\n        \"doc\"\n        calls.append(x)\n        return x * 2\n    assert slow(2) == 4 and slow(2) == 4 and calls == [2]\n    assert slow.__name__ == \"slow\" and slow.__doc__ == \"doc\" and slow.cache == {(2,): 4}\n    n = 0\n    @retry(3)\n    def flaky():\n        nonlocal n\n        n += 1\n        if n < 3: raise ValueError(\"no\")\n        return n\n    assert flaky() == 3\n    @retry(2)\n    def always(): raise ValueError(\"always\")\n    with pytest.raises(ValueError, match=\"always\"): always()\n    assert sortby([3, 1, 2], lambda x: -x) == [3, 2, 1] and sortby([\"b\", \"A\"], str.lower) == [\"A\", \"b\"]\n    out = []\n    each([1, 2], out.append)\n    assert out == [1, 2]\n    import operator\n    assert apply(operator.itemgetter(1), [1, 2]) == 2\n    import functools\n    assert apply(functools.partial(pow, 2), 3) == 8\n"
# canonical: "import functools\ndef apply(f, *a, **k): return f(*a, **k)\ndef compose(*fs): return functools.reduce(lambda f, g: lambda x: g(f(x)), fs)\ndef memo(f):\n    cache = {}\n    @functools.wraps(f)\n    def w(*a):\n        if a not in cache: cache[a] = f(*a)\n        return cache[a]\n    w.cache = cache\n    return w\ndef retry(n):\n    def deco(f):\n        def w(*a, **k):\n            for i in range(n):\n                try: return f(*a, **k)\n                except ValueError:\n                    if i == n - 1: raise\n        return w\n    return deco\ndef sortby(xs, key): return sorted(xs, key=key)\ndef each(xs, f):\n    for x in xs: f(x)\n"
# time_s: 5
import functools
def apply(f, *a, **k): return f(*a, **k)
def compose(*fs): return functools.reduce(lambda f, g: lambda x: g(f(x)), fs)
def memo(f):
    cache = {}
    @functools.wraps(f)
    def w(*a):
        if a not in cache: cache[a] = f(*a)
        return cache[a]
    w.cache = cache
    return w
def retry(n):
    def deco(f):
        def w(*a, **k):
            for i in range(n):
                try: return f(*a, **k)
                except ValueError:
                    if i == n - 1: raise
        return w
    return deco
def sortby(xs, key): return sorted(xs, key=key)
def each(xs, f):
    for x in xs: f(x)
