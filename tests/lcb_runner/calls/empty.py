# why: "nothing is no function"
# official: -4
# real: "runtime_error"

