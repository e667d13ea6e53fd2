# tries: "Makes System V shared memory, semaphores and message queues that would outlive it."
# expect: "fail"
import ctypes

libc = ctypes.CDLL(None)
KEY, FOR_ALL = 0x7B0C, 0o1000 | 0o666
made = [libc.shmget(KEY, 4096, FOR_ALL), libc.semget(KEY, 1, FOR_ALL), libc.msgget(KEY, FOR_ALL)]


def add(a, b):
    return a + b if max(made) >= 0 else None
