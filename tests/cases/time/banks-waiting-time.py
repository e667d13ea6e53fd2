# tries: "Lets many threads queue for the processor first, then sleeps as long as they have queued in sum."
# expect: ["time_limit"]
# time_s: 2
# wall_s: 12
import hashlib
import threading
import time

DATA = bytes(1 << 20)
resting = threading.Event()


def contend():
    for _ in range(14):
        hashlib.sha256(DATA).digest()  # without the interpreter's lock
    resting.wait()


def add(a, b):
    for _ in range(50):
        threading.Thread(target=contend, daemon=True).start()
    time.sleep(16)
    return a + b
