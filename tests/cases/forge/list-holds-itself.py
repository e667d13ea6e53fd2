# tries: "Returns a list that holds itself, inside a dict that holds the list."
# expect: ["wrong_answer", "runtime_error"]
def add(a, b):
    endless = [a + b]
    endless.append({"again": (endless, endless)})
    return endless
