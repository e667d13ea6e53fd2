# tries: "Declares UTF-7, in which what one reader takes for a comment is a line of code for another."
# expect: ["runtime_error"]
# -*- coding: utf-7 -*-
# +AAo-raise SystemExit(0)
def add(a, b):
    return sum((a, b))
