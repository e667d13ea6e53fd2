# tries: "Fills two hundred megabytes of the half gigabyte it may use, and lets go of them."
# expect: "pass"
def add(a, b):
    kept = [bytes([number]) * (10 << 20) for number in range(20)]
    return a + b + len(kept) - 20
