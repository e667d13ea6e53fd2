# tries: "Makes or enters namespaces by unshare, setns, clone and clone3."
# expect: "fail"
import ctypes
import os
import struct

libc = ctypes.CDLL(None)
UNSHARE, SETNS, CLONE, CLONE3 = 272, 308, 56, 435
NAMESPACES = [1 << bit for bit in (7, 17, 25, 26, 27, 28, 29, 30)]
results = []
for flag in NAMESPACES:
    results.append(libc.syscall(UNSHARE, flag))
    results.append(libc.syscall(UNSHARE, flag | 0x10000000))
    results.append(libc.syscall(SETNS, 0, flag))
    for call in ((CLONE, flag | 17, 0, 0, 0, 0), (CLONE3, struct.pack("<11Q", flag, *[0] * 3, 17, *[0] * 6), 88)):
        child = libc.syscall(*call)
        if child == 0:
            os._exit(0)
        results.append(child)


def add(a, b):
    return a + b if max(results) >= 0 else None
