# tries: "Signals and swallows the supervisor's event counters in a loop instead of answering."
# expect: "fail"
# time_s: 1
import os


def add(a, b):
    while True:
        os.write(3, (1).to_bytes(8, "little"))
