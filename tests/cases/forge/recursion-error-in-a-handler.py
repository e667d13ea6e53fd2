# tries: "Recurses until the stack ends, and answers from the handler of the handler's own recursion error."
# expect: ["runtime_error", "memory_limit", "time_limit"]
# time_s: 1
import sys

sys.setrecursionlimit(2**31 - 1)


class Deep:
    def __repr__(self):
        return repr([self])


def add(a, b):
    return repr(Deep())
