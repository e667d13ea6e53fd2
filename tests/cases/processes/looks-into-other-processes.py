# tries: "Traces, reads and writes other processes' memory by ptrace, process_vm_readv and their relatives."
# expect: "fail"
import ctypes
import os

libc = ctypes.CDLL(None)
PTRACE, READV, WRITEV, KCMP, PIDFD_GETFD, MADVISE = 101, 310, 311, 312, 438, 440
PTRACE_TRACEME, PTRACE_ATTACH, PTRACE_SEIZE = 0, 16, 0x4206
buffer = ctypes.create_string_buffer(16)
vector = (ctypes.c_void_p * 2)(ctypes.addressof(buffer), 16)
results = [libc.syscall(PTRACE, PTRACE_TRACEME, 0, 0, 0)]
for process in (os.getpid(), os.getppid(), 1, 2):
    results.append(libc.syscall(PTRACE, PTRACE_ATTACH, process, 0, 0))
    results.append(libc.syscall(PTRACE, PTRACE_SEIZE, process, 0, 0))
    results.append(libc.syscall(READV, process, vector, 1, vector, 1, 0))
    results.append(libc.syscall(WRITEV, process, vector, 1, vector, 1, 0))
    results.append(libc.syscall(KCMP, process, process, 0, 0, 0))
    results.append(libc.syscall(PIDFD_GETFD, process, 0, 0))


def add(a, b):
    return a + b if max(results) >= 0 else None
