# tries: "Sleeps a millisecond at a time, so that it is neither ever idle for long nor ever busy."
# expect: ["time_limit"]
# time_s: 1
import time


def add(a, b):
    while True:
        time.sleep(0.001)
