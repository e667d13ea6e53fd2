# tries: "Never answers."
# expect: ["time_limit"]
# mode: "asserts"
# asserts: ["assert not f(0)"]
import time


def f(n):
    time.sleep(3600)
