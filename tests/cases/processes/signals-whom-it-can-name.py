# tries: "Sends signals to its parent, to everyone, to its group and to itself, by every call that sends one."
# expect: "fail"
import ctypes
import os
import signal

libc = ctypes.CDLL(None)
KILL, TKILL, TGKILL, PIDFD_OPEN, PIDFD_SEND_SIGNAL = 62, 200, 234, 434, 424
RT_SIGQUEUEINFO, RT_TGSIGQUEUEINFO = 129, 297
information = ctypes.create_string_buffer(128)
number = int(signal.SIGCONT)
results = []
for process in (os.getppid(), -1, 0, 1, 2, os.getpid()):
    results.append(libc.syscall(KILL, process, number))
    results.append(libc.syscall(TKILL, process, number))
    results.append(libc.syscall(TGKILL, process, process, number))
    results.append(libc.syscall(RT_SIGQUEUEINFO, process, number, information))
    results.append(libc.syscall(RT_TGSIGQUEUEINFO, process, process, number, information))
    descriptor = libc.syscall(PIDFD_OPEN, process, 0)
    results.append(libc.syscall(PIDFD_SEND_SIGNAL, descriptor, number, 0, 0) if descriptor >= 0 else -1)


def add(a, b):
    return a + b if 0 in results else None
