# tries: "Asks for an unlimited stack before it recurses, as contest programs do."
# expect: "pass"
# wasi_expect: ["runtime_error"]
# The guest has no resource.
import resource
import sys

sys.setrecursionlimit(10**6)
resource.setrlimit(resource.RLIMIT_STACK, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


def add(a, b):
    return a + b
