# tries: "Grows one mapping again and again, doubling it, and touches what is new."
# expect: ["memory_limit"]
# memory_mb: 256
# wasi_expect: ["runtime_error"]
# The guest has no mmap.
import mmap


def add(a, b):
    area = mmap.mmap(-1, 1 << 20, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    while len(area) < 4 << 30:
        touched = len(area)
        area.resize(2 * touched)
        area[touched :: mmap.PAGESIZE] = b"x" * (touched // mmap.PAGESIZE)
    return a + b
