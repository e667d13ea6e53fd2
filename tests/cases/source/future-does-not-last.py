# tries: "Uses an operator that only a future import allows, which an earlier program may have made."
# expect: ["compile_error"]
def add(a, b):
    return a + b if a <> b else a + b
