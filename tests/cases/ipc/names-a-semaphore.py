# tries: "Leaves named semaphores and shared memory, for its own second run to find."
# expect: "fail"
# mode: "stdin"
import ctypes
import os

libc = ctypes.CDLL(None)
libc.sem_open.restype = ctypes.c_void_p
numbers = open(0).read().split()[1:]
first = len(numbers) == 3
if first:
    libc.sem_open(b"/trialbox-case-semaphore", os.O_CREAT, 0o666, 1)
    libc.shm_open(b"/trialbox-case-memory", os.O_CREAT | os.O_RDWR, 0o666)
found = libc.sem_open(b"/trialbox-case-semaphore", 0) or libc.shm_open(b"/trialbox-case-memory", os.O_RDWR, 0) >= 0
print(sum(map(int, numbers)) if first or found else "nothing found")
