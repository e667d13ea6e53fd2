# tries: "Declares an encoding that does not exist."
# expect: ["compile_error", "runtime_error"]
# -*- coding: trialbox-case -*-
def add(a, b):
    return a + b
