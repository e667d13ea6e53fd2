# tries: "Gives its first answer rightly, then crashes in C: the rest must not count as answered."
# expect: ["runtime_error"]
import ctypes


def add(a, b):
    if a != 1:
        ctypes.string_at(0)
    return a + b
