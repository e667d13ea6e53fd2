# tries: "Declares raw_unicode_escape, in which an escape in a comment ends the line."
# expect: ["pass", "runtime_error", "compile_error"]
# -*- coding: raw_unicode_escape -*-
# \u000araise SystemExit(0)
def add(a, b):
    return a + b
