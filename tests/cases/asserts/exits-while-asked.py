# tries: "Ends its process with status 0 while the tests wait for an answer."
# expect: ["runtime_error"]
# mode: "asserts"
# asserts: ["assert not f(0)"]
import os


def f(n):
    os._exit(0)
