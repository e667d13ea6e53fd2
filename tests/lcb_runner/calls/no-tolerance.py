# why: "no difference is too small"
# official: -2
# real: "wrong_answer"
# calls: [[[0.1, 0.2], 0.3]]
def total(a, b):
    return a + b
