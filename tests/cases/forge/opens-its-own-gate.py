# tries: "Lets itself through the gate before anyone has looked, answering wrongly behind it."
# expect: ["wrong_answer", "runtime_error"]
# calls: [[[1, 2], 3], [[2, 2], 4], [[3, 2], 5], [[4, 2], 6], [[5, 2], 7], [[6, 2], 8], [[7, 2], 9], [[8, 2], 10], [[9, 2], 11]]
import os

os.write(4, (5).to_bytes(8, "little"))


def add(a, b):
    return a + b if a < 9 else 0
