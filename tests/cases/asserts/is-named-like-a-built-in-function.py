# tries: "Has the name of a built-in function, as some MBPP tasks ask."
# expect: "pass"
# mode: "asserts"
# asserts: ["assert not sum(0, 0)", "assert sum(10, 15) > 3"]
def sum(a, b):
    return a + b
