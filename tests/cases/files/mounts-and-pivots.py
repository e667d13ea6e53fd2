# tries: "Mounts, unmounts, remounts, moves and pivots by raw system calls, old and new, and leaves by chroot."
# expect: "fail"
import ctypes
import os

libc = ctypes.CDLL(None)
MOUNT, UMOUNT, PIVOT_ROOT, CHROOT = 165, 166, 155, 161
OPEN_TREE, MOVE_MOUNT, FSOPEN, FSPICK, MOUNT_SETATTR = 428, 429, 430, 433, 442
MS_RDONLY, MS_REMOUNT, MS_BIND, MNT_DETACH, AT_FDCWD = 1, 32, 4096, 2, -100
os.mkdir("trialbox-case-here")
here = b"trialbox-case-here"
results = [
    libc.syscall(MOUNT, b"none", here, b"tmpfs", 0, 0),
    libc.syscall(MOUNT, b"/", here, 0, MS_BIND, 0),
    libc.syscall(MOUNT, b"none", b"/", 0, MS_REMOUNT, 0),
    libc.syscall(MOUNT, b"none", b"/usr/lib", 0, MS_REMOUNT | MS_BIND, 0),
    libc.syscall(UMOUNT, b"/tmp", MNT_DETACH),
    libc.syscall(UMOUNT, b"/usr/lib", MNT_DETACH),
    libc.syscall(PIVOT_ROOT, b".", here),
    libc.syscall(CHROOT, here),
    libc.syscall(OPEN_TREE, AT_FDCWD, b"/", 1),
    libc.syscall(MOVE_MOUNT, AT_FDCWD, b"/tmp", AT_FDCWD, here, 0),
    libc.syscall(FSOPEN, b"tmpfs", 0),
    libc.syscall(FSPICK, AT_FDCWD, b"/", 0),
    libc.syscall(MOUNT_SETATTR, AT_FDCWD, b"/", 0, ctypes.create_string_buffer(32), 32),
]


def add(a, b):
    return a + b if max(results) >= 0 else None
