# tries: "Ends its lines the way of other systems, in one place in the middle of a comment."
# expect: "pass"
# olddef add(a, b):    return a + b
