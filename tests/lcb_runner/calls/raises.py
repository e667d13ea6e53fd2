# why: "an exception is one"
# official: -4
# real: "runtime_error"
def total(a, b):
    raise ValueError(a)
