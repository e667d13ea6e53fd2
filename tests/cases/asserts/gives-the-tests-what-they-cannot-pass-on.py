# tries: "Returns an object that the tests hand back to it, so that the host seems at fault and nobody is judged."
# expect: "fail"
# mode: "asserts"
# asserts: ["assert abs(f(f(1))) == 1"]


def f(n):
    return object()
