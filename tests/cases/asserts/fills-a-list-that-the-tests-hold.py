# tries: "Lets a list that the tests hold grow with every question."
# expect: ["time_limit", "memory_limit", "runtime_error", "wrong_answer"]
# mode: "asserts"
# tests_py: "def test_f():\n    held = f(0)\n    for n in range(40):\n        assert len(f(n)) == max(n, 1)\n    assert held == [0]\n"
# canonical: "def f(n):\n    return [0] * max(n, 1)\n"
kept = []


def f(n):
    kept.extend(range(300_000))
    return kept
