# tries: "Compiles sums, calls and attributes nested a hundred thousand deep, on the interpreter's C stack."
# expect: "fail"
# time_s: 2
TERMS = 100_000
for text in ("1" + "+1" * TERMS, "-" * TERMS + "1", "a" + ".a" * TERMS, "a" + "()" * TERMS, "lambda:" * TERMS + "1"):
    try:
        compile(text, "deep", "eval")
    except (SyntaxError, RecursionError, MemoryError):
        pass


def add(a, b):
    return None
