# tries: "Replaces every clock and the sleep of the standard library before it loops."
# expect: ["time_limit"]
# time_s: 1
import threading
import time

for name in ("time", "monotonic", "perf_counter", "process_time", "thread_time", "time_ns", "sleep"):
    setattr(time, name, lambda *_: 0)
threading.TIMEOUT_MAX = 0


def add(a, b):
    while time.process_time() < 1:
        pass
    return a + b
