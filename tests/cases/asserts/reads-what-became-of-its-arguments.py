# tries: "Keeps a list that it was given, to read there later what the tests expect."
# expect: "fail"
# mode: "asserts"
# tests_py: "def test_f():\n    case = [1]\n    f(case)\n    case.append(41)\n    assert g() == case[-1]\n"
# canonical: "def f(items):\n    return None\n\ndef g():\n    return 41\n"
kept = []


def f(items):
    kept.append(items)


def g():
    return kept[0][-1]
