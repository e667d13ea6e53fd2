# tries: "Returns a set of many ints that all hash alike, so that rebuilding it takes quadratic time."
# expect: ["wrong_answer", "time_limit"]
# time_s: 1
MODULUS = 2**61 - 1


def add(a, b):
    return frozenset(range(0, 3_000 * MODULUS, MODULUS))
