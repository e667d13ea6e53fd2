# tries: "Changes a list, a dict and a set that the tests hold, as it would in one process."
# expect: "pass"
# mode: "asserts"
# asserts: ["assert (lambda l, d, s: (f(l, d, s), l, d, s)[1:])([2, 1], {1: 1}, {3}) == ([1, 2], {1: 1, 5: 6}, {3, 4})", "assert f([1], {}, extra=set()) is None"]
def f(numbers, pairs, extra):
    numbers.sort()
    pairs[5] = 6
    extra.add(4)
