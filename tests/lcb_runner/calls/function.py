# why: "a function of the module"
# official: null
# real: "pass"
def total(a, b):
    return a + b
