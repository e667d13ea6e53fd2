# tries: "Lets itself through the gate again and again, with answers to questions that nobody has asked."
# expect: "fail"
# mode: "asserts"
# asserts: ["assert abs(f(1)) == 1", "assert abs(f(2)) == 2", "assert abs(f(3)) == 3"]
import os
import threading


def hurry():
    while True:
        os.write(3, bytes(8))


threading.Thread(target=hurry, daemon=True).start()


def f(n):
    return 7
