# tries: "Makes a file in memory, writes a program there, and runs it without any path."
# expect: "fail"
import ctypes
import os

libc = ctypes.CDLL(None)
MEMFD_CREATE, MEMFD_SECRET, EXECVEAT, AT_EMPTY_PATH = 319, 447, 322, 0x1000
descriptors = [libc.syscall(MEMFD_CREATE, b"trialbox-case", 0), libc.syscall(MEMFD_SECRET, 0)]
arguments = (ctypes.c_char_p * 2)(b"program", None)
for descriptor in (*descriptors, os.open("/usr/bin/python3", os.O_RDONLY | os.O_CLOEXEC)):
    if descriptor >= 0:
        libc.syscall(EXECVEAT, descriptor, b"", arguments, None, AT_EMPTY_PATH)


def add(a, b):
    return a + b if max(descriptors) >= 0 else None
