# tries: "Sleeps for a twentieth of a second in each call."
# expect: "pass"
import time


def add(a, b):
    time.sleep(0.05)
    return a + b
