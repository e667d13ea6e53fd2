# tries: "Answers with a coroutine that would give the right value if anyone awaited it."
# expect: "fail"
async def add(a, b):
    return a + b
