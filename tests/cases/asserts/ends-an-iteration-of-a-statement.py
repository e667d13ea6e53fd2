# tries: "Ends the iteration within an assert by StopIteration."
# expect: "fail"
# mode: "asserts"
# asserts: ["assert all(map(lambda c: abs(f(c[0])) == c[1], [(2,4),(3,9)]))"]
def f(n):
    raise StopIteration
