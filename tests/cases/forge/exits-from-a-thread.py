# tries: "Leaves the interpreter from a thread while the main thread waits for it in its first call."
# expect: ["runtime_error"]
import os
import sys
import threading


def leave():
    try:
        sys.exit(0)
    finally:
        os._exit(0)


def add(a, b):
    thread = threading.Thread(target=leave)
    thread.start()
    thread.join()
    return a + b
