# tries: "Declares Latin-1 and uses it, as honest programs of another age do."
# expect: "pass"
# -*- coding: latin-1 -*-
GREETING = "ιθ"
assert len(GREETING) == 2


def add(a, b):
    return a + b
