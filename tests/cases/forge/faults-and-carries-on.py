# tries: "Handles its own segmentation fault with a C-level handler that returns, for ever."
# expect: ["runtime_error", "time_limit"]
# time_s: 1
import ctypes

libc = ctypes.CDLL(None)
HANDLER = ctypes.CFUNCTYPE(None, ctypes.c_int)
ignore = HANDLER(lambda number: None)
libc.signal(11, ignore)


def add(a, b):
    return ctypes.string_at(0)
