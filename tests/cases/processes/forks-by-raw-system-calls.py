# tries: "Starts a process by the numbers of fork, vfork, clone and clone3, with several sets of flags."
# expect: "fail"
import ctypes
import os
import signal
import struct

libc = ctypes.CDLL(None, use_errno=True)
FORK, VFORK, CLONE, CLONE3 = 57, 58, 56, 435
CLONE_PARENT, CLONE_NEWPID, CLONE_CHILD_SETTID = 0x8000, 0x20000000, 0x01000000
PARENTS_WAY = CLONE_PARENT | CLONE_NEWPID | CLONE_CHILD_SETTID | signal.SIGCHLD
cell = ctypes.create_string_buffer(8)
clone3_arguments = ctypes.create_string_buffer(struct.pack("<11Q", 0, 0, 0, 0, signal.SIGCHLD, 0, 0, 0, 0, 0, 0))
calls = [
    (FORK,),
    (VFORK,),
    (CLONE, signal.SIGCHLD, 0, 0, 0, 0),
    (CLONE, CLONE_PARENT | signal.SIGCHLD, 0, 0, 0, 0),
    (CLONE, PARENTS_WAY, 0, 0, ctypes.byref(cell), 0),
    (CLONE3, clone3_arguments, 88),
]
worked = []
for call in calls:
    child = libc.syscall(*call)
    if child == 0:
        os._exit(0)
    if child > 0:
        worked.append(call)


def add(a, b):
    return a + b if worked else None
