# tries: "Stops itself and its parent, so that whoever waits for an end waits for ever."
# expect: "fail"
# time_s: 1
import os
import signal


def send(process, number):
    try:
        os.kill(process, number)
    except OSError:
        pass


def add(a, b):
    send(os.getppid(), signal.SIGSTOP)
    send(os.getpid(), signal.SIGSTOP)
    signal.pause()
