# why: "inner ones do not"
# official: -2
# real: "wrong_answer"
# calls: [[[1, 2], [[1, 2]]]]
def total(a, b):
    return [(a, b)]
