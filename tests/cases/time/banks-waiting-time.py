# tries: "Lets many threads queue for the processor first, then sleeps for as long as they have queued in sum."
# expect: ["time_limit"]
# wall_s: 30
# wasi_expect: ["runtime_error"]
# The guest has no threads.
import hashlib
import threading
import time

DATA = bytes(1 << 18)


def contend():
    while time.process_time() < 1.5:
        hashlib.sha256(DATA).digest()  # without the interpreter's lock
    threading.Event().wait()


def add(a, b):
    if a == 1:
        for _ in range(50):
            threading.Thread(target=contend, daemon=True).start()
        time.sleep(12)
    return a + b
