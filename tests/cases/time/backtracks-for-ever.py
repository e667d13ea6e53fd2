# tries: "Matches a regular expression that takes exponential time."
# expect: ["time_limit"]
# time_s: 1
import re


def add(a, b):
    return re.match(r"(x+x+)+y", "x" * 100)
