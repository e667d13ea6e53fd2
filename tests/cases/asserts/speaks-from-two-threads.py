# tries: "Speaks from several threads at once while it is asked."
# expect: "fail"
# mode: "asserts"
# asserts: ["assert abs(f(1)) == 1", "assert abs(f(2)) == 2", "assert abs(f(3)) == 3"]
import sys


def inside():
    """What the module knows that runs in this process."""
    frame = sys._getframe()
    while "native" not in frame.f_globals:
        frame = frame.f_back
    return frame.f_globals


import threading


def f(n):
    native = inside()["native"]

    def speak():
        while True:
            native.exchange(("returned", 4, [], [], ""))

    for _ in range(3):
        threading.Thread(target=speak, daemon=True).start()
    return 0
