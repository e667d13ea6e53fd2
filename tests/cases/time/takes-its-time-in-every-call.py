# tries: "Uses just less than the limit of one call in each of many calls."
# expect: ["time_limit"]
# time_s: 1
# wall_s: 60
# calls: [[[1, 2], 3], [[2, 2], 4], [[3, 2], 5], [[4, 2], 6], [[5, 2], 7], [[6, 2], 8], [[7, 2], 9], [[8, 2], 10]]
import time


def add(a, b):
    end = time.process_time() + 0.9
    while time.process_time() < end:
        pass
    return a + b
