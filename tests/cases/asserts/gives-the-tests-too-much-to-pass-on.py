# tries: "Returns more than a question may hold, which the tests hand back to it, so that nobody is judged."
# expect: "fail"
# mode: "asserts"
# asserts: ["assert abs(f([f([f(1)] * 60)] * 60)) == 1"]


def f(n):
    return [list(range(30_000)), n] if n == 1 else [n, n]
