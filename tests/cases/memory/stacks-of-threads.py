# tries: "Starts threads with the largest stacks and fills these by deep recursion in C."
# expect: ["memory_limit", "runtime_error", "wrong_answer", "time_limit"]
# memory_mb: 128
import sys
import threading

sys.setrecursionlimit(10**6)
threading.stack_size(256 << 20)


class Deep:
    depth = 0

    def __init__(self, depth):
        self.depth = depth

    def __repr__(self):
        return repr(Deep(self.depth - 1)) if self.depth else ""


def add(a, b):
    threads = [threading.Thread(target=repr, args=(Deep(200_000),)) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return None
