# tries: "Declares UTF-7, in which a comment for one reader is code for another."
# expect: ["pass", "compile_error"]
# -*- coding: utf-7 -*-
# +AAo-raise SystemExit(0)
def add(a, b):
    return a + b
