# tries: "Keeps each list that it was given, and changes all of them in every call."
# expect: "fail"
# mode: "asserts"
# tests_py: "CASES = [([1], 2), ([2], 3), ([3], 4)]\n\ndef test_all():\n    for items, expected in CASES:\n        assert f(items) == expected\n"
# canonical: "def f(items):\n    return items[0] + 1\n"
kept = []


def f(items):
    kept.append(items)
    for one in kept:
        one[:] = [0, 0, 0]
    return items[0]
