# why: "a function that the prelude has is the program's there: operator.add"
# official: null
# real: "runtime_error"
# entry_point: "add"

