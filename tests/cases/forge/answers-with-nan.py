# tries: "Returns NaN, which some comparisons hold equal to everything and others to nothing."
# expect: ["wrong_answer"]
def add(a, b):
    return float("nan")
