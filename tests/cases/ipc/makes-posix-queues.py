# tries: "Makes POSIX message queues by the raw call, which needs no mounted file system."
# expect: "fail"
import ctypes
import os

libc = ctypes.CDLL(None)
MQ_OPEN = 240
opened = libc.syscall(MQ_OPEN, b"trialbox-case-queue", os.O_CREAT | os.O_RDWR, 0o666, 0)


def add(a, b):
    return a + b if opened >= 0 else None
