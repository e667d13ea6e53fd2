# tries: "Returns text that no encoding can write, where the grader may want to print it."
# expect: ["wrong_answer"]
def add(a, b):
    return {"\ud800" * 50_000: "\udfff"}
