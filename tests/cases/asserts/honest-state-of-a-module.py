# tries: "Remembers in a dict of its module and in a default argument, which the tests clear."
# expect: "pass"
# mode: "asserts"
# tests_py: "import solution\nfrom solution import f, g, CACHE\ndef test_a():\n    assert f(1) == {1: 2}\n    assert f(2) == {1: 2, 2: 4}\n    assert g(1) == 1\n    CACHE.clear()\n    assert g(2) == 1\n    solution.CACHE.clear()\n    assert g(3) == 1\n"
# canonical: "def f(n, memo={}):\n    memo[n] = n * 2\n    return memo\nCACHE = {}\ndef g(n):\n    CACHE[n] = n\n    return len(CACHE)\n"
# time_s: 5
def f(n, memo={}):
    memo[n] = n * 2
    return memo
CACHE = {}
def g(n):
    CACHE[n] = n
    return len(CACHE)
