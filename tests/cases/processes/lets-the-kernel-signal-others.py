# tries: "Names other processes as owners of its descriptors, so that the kernel signals them when data come."
# expect: "fail"
import fcntl
import os
import signal
import socket

F_SETSIG = 10
ours, theirs = socket.socketpair()
reached = []
for process in (os.getppid(), -os.getppid(), 2, 3, -2, 4_000_000):
    if process == 0:
        continue
    try:
        fcntl.fcntl(ours, fcntl.F_SETOWN, process)
        fcntl.fcntl(ours, F_SETSIG, signal.SIGKILL)
        fcntl.fcntl(ours, fcntl.F_SETFL, os.O_ASYNC)
        theirs.send(b"x")
        reached.append(process)
    except OSError:
        pass


def add(a, b):
    return a + b if reached else None
