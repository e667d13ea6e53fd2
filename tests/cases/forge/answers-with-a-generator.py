# tries: "Answers with a generator of the right items instead of the list."
# expect: ["wrong_answer"]
# entry_point: "pair"
# calls: [[[1, 2], [1, 2]], [[5, 7], [5, 7]]]
def pair(a, b):
    yield a
    yield b
