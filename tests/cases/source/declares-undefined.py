# tries: "Declares the codec whose only act is to raise."
# expect: ["compile_error", "runtime_error"]
# -*- coding: undefined -*-
def add(a, b):
    return a + b
