# tries: "Returns an int of a million digits, which takes minutes to turn into text."
# expect: ["wrong_answer"]
def add(a, b):
    return 1 << 3_400_000
