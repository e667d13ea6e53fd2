# why: "a syntax error is found while loading"
# official: -4
# real: "compile_error"
def total(a, b:
    return a + b
