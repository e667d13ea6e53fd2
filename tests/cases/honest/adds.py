# tries: "Adds, and nothing else."
# expect: "pass"
def add(a, b):
    return a + b
