# tries: "Makes System V shared memory, semaphores and message queues that would outlive it."
# expect: "fail"
import ctypes

libc = ctypes.CDLL(None)
IPC_CREAT = 0o1000
made = [libc.shmget(0x7B0C, 4096, IPC_CREAT | 0o666), libc.semget(0x7B0C, 1, IPC_CREAT | 0o666), libc.msgget(0x7B0C, IPC_CREAT | 0o666)]


def add(a, b):
    return a + b if max(made) >= 0 else None
