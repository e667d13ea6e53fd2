# tries: "Recurses a hundred thousand deep in a thread with a big stack, as contest programs do."
# expect: "pass"
# wasi_expect: ["runtime_error"]
# The guest has no threads.
import sys
import threading

sys.setrecursionlimit(300_000)
threading.stack_size(256 << 20)


def climb(depth):
    return 0 if depth == 0 else 1 + climb(depth - 1)


def add(a, b):
    results = []
    thread = threading.Thread(target=lambda: results.append(climb(100_000)))
    thread.start()
    thread.join()
    return a + b + results[0] - 100_000
