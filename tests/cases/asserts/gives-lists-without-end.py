# tries: "Gives with every answer thousands of lists to keep up to date."
# expect: "fail"
# mode: "asserts"
# tests_py: "def test_f():\n    held = []\n    for n in range(60):\n        held.append(f(n))\n    assert len(held) == 60 and held[0] is None\n"
# canonical: "def f(n):\n    return None\n"
kept = []


def f(n):
    kept.append([[n] for _ in range(1300)])
    return kept[-1]
