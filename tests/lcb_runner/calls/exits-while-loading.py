# why: "as it does before the first test"
# official: -5
# real: "runtime_error"
def total(a, b):
    return a + b
exit()
