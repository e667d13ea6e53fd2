# tries: "Raises a huge number to a huge power, which holds the interpreter in C for ever."
# expect: ["time_limit"]
# time_s: 1
def add(a, b):
    return pow(7**100_000, 7**100_000, 10**100_000)
