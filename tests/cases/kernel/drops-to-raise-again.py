# tries: "Takes capabilities by capset, a set-user-id file and a new user database, and uses what it might have got."
# expect: "fail"
import ctypes
import os
import struct

libc = ctypes.CDLL(None)
CAPSET, CAPGET, VERSION_3 = 126, 125, 0x20080522
header = ctypes.create_string_buffer(struct.pack("<II", VERSION_3, 0))
everything = ctypes.create_string_buffer(b"\xff" * 24)
results = [libc.syscall(CAPSET, header, everything)]
for act in (lambda: os.setuid(0), lambda: os.setgid(0), lambda: os.setgroups([]), lambda: os.chroot(".")):
    try:
        act()
        results.append(0)
    except OSError:
        pass


def add(a, b):
    return a + b if 0 in results else None
