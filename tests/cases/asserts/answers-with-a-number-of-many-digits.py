# tries: "Answers with a number too long to be shown, which is wrong all the same."
# expect: ["wrong_answer"]
# mode: "asserts"
# asserts: ["assert not f(5000)"]
def f(n):
    return 10**n
