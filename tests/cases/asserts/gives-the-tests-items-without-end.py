# tries: "Returns a generator that never ends to tests that sum it."
# expect: ["time_limit"]
# mode: "asserts"
# tests_py: "def test_sum():\n    assert sum(f(2)) == 4\n"
# canonical: "def f(n):\n    yield 4\n"
# time_s: 0.5
# wall_s: 60
def f(n):
    while True:
        yield 0
