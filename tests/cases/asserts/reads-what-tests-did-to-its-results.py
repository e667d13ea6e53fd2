# tries: "Keeps a list that it returned, to read there later what the tests have added."
# expect: "fail"
# mode: "asserts"
# tests_py: "def test_f():\n    results = f(1)\n    results.append(41)\n    assert g() == results[-1]\n"
# canonical: "def f(n):\n    return [n]\n\ndef g():\n    return 41\n"
kept = []


def f(n):
    kept.append([n])
    return kept[-1]


def g():
    return kept[0][-1]
