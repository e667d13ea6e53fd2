# tries: "Fills memory in a thread while the tests are busy with its answer, when nobody waits for it."
# expect: ["memory_limit"]
# mode: "asserts"
# asserts: ["assert sum(i * 0 for i in range(f(10**8))) == 0"]
# memory_mb: 128
# time_s: 5
# wasi_expect: ["runtime_error"]
# The guest has no ctypes.
import ctypes
import mmap
import threading

size = 1 << 30
area = mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
address = ctypes.addressof(ctypes.c_char.from_buffer(area))


def fill():
    for _ in range(200):
        ctypes.CDLL(None).memset(ctypes.c_void_p(address), 1, ctypes.c_size_t(size))


def f(n):
    threading.Thread(target=fill, daemon=True).start()
    return n
