# tries: "Turns twenty million digits into an int, with the limit on that lifted."
# expect: ["time_limit", "memory_limit"]
# time_s: 1
import sys

sys.set_int_max_str_digits(0) if hasattr(sys, "set_int_max_str_digits") else None


def add(a, b):
    return int("9" * 20_000_000)
