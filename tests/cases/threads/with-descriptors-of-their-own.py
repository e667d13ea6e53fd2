# tries: "Makes threads that share no descriptors, so that each may open as many as a process."
# expect: "fail"
import ctypes

CLONE_VM, CLONE_SIGHAND, CLONE_THREAD = 0x100, 0x800, 0x10000
libc = ctypes.CDLL(None, use_errno=True)
stack = ctypes.create_string_buffer(1 << 16)


def add(a, b):
    # Were it allowed, the new thread would return from the call on an empty stack and end the process.
    made = libc.syscall(56, CLONE_VM | CLONE_SIGHAND | CLONE_THREAD, ctypes.addressof(stack) + (1 << 15), 0, 0, 0)
    return a + b if made > 0 else None
