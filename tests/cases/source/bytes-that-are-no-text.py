# tries: "Has bytes in a comment that are no UTF-8, without declaring any encoding."
# expect: ["compile_error", "runtime_error"]
# ÿþ
def add(a, b):
    return a + b
