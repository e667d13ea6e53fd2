# tries: "Returns what the tests take to pieces until their own process breaks."
# expect: "fail"
# mode: "asserts"
# asserts: ["assert abs(len(eval(f(1)))) == 1"]


def f(n):
    return "__import__('os')._exit(0)"
