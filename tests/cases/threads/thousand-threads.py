# tries: "Starts threads until it is refused, holds them all, and answers only if there are a thousand."
# expect: "fail"
import threading
import time


def add(a, b):
    try:
        for _ in range(1_000):
            threading.Thread(target=time.sleep, args=(30,), daemon=True).start()
    except RuntimeError:
        return None
    return a + b
