# why: "the limit of recursion is 50,000 there"
# official: null
# real: "runtime_error"
def depth(n):
    return 0 if n == 0 else 1 + depth(n - 1)
def total(a, b):
    return a + b + depth(20000) - 20000
