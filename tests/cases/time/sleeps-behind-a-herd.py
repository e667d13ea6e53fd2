# tries: "Sleeps while a herd of threads wakes again and again, whose waiting for each other is to pass for waiting."
# expect: ["time_limit"]
# time_s: 1
# calls: [[[1, 2], 3]]
# wall_s: 10
# wasi_expect: ["runtime_error"]
# The guest has no threads.
import threading
import time


def herd(moment):
    while True:
        moment += 0.01
        time.sleep(max(0, moment - time.monotonic()))


def add(a, b):
    start = time.monotonic() + 0.05
    for _ in range(60):
        threading.Thread(target=herd, args=(start,), daemon=True).start()
    time.sleep(12)
    return a + b
