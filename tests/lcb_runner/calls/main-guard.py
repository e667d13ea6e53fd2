# why: "the guard does not hold"
# official: null
# real: "pass"
def total(a, b):
    return a + b
if __name__ == "__main__":
    raise ValueError
