# tries: "Keeps results from call to call in a cache, a default argument and a global."
# expect: "pass"
import functools

calls = 0


@functools.lru_cache(maxsize=None)
def cached(a, b):
    return a + b


def add(a, b, seen=[]):
    global calls
    calls += 1
    seen.append((a, b))
    assert len(seen) == calls
    return cached(a, b)
