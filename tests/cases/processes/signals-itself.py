# tries: "Handles a signal that it sends to itself: refused, since a filter cannot tell whom a signal is for."
# expect: ["runtime_error"]
import os
import signal

received = []
signal.signal(signal.SIGUSR1, lambda number, frame: received.append(number))


def add(a, b):
    signal.raise_signal(signal.SIGUSR1)
    os.kill(os.getpid(), signal.SIGUSR1)
    return a + b if len(received) >= 2 else None
