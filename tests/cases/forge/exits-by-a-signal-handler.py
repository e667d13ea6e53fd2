# tries: "Ends the process with success from a handler that interrupts whatever runs after its answer."
# expect: "fail"
import os
import signal

signal.signal(signal.SIGALRM, lambda *_: os._exit(0))


def add(a, b):
    signal.setitimer(signal.ITIMER_REAL, 0.001)
    while True:
        pass
