# tries: "Closes every descriptor it has, so that whoever waits for an answer on one sees an end instead."
# expect: ["pass", "runtime_error"]
import os

os.closerange(0, 4096)


def add(a, b):
    return a + b
