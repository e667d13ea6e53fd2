# tries: "Returns tuples nested a hundred thousand times."
# expect: ["wrong_answer", "runtime_error"]
def add(a, b):
    nested = a + b
    for _ in range(100_000):
        nested = (nested,)
    return nested
