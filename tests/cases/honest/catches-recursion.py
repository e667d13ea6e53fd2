# tries: "Runs into the recursion limit and recovers from it."
# expect: "pass"
def endless(n):
    return endless(n + 1)


def add(a, b):
    try:
        return endless(0)
    except RecursionError:
        return a + b
