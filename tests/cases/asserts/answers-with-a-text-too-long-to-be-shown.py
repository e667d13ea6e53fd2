# tries: "Answers with a text whose representation is larger than any report."
# expect: ["wrong_answer"]
# mode: "asserts"
# asserts: ["assert not f(12 * 2**20)"]
def f(n):
    return "\0" * n
