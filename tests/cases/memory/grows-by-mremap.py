# tries: "Grows one mapping again and again, doubling it, and touches what is new."
# expect: ["memory_limit", "runtime_error"]
# memory_mb: 256
import mmap


def add(a, b):
    area, size = mmap.mmap(-1, 1 << 20), 1 << 20
    while size < 4 << 30:
        area.resize(size * 2)
        area[size :: mmap.PAGESIZE] = b"x" * (size // mmap.PAGESIZE)
        size *= 2
    return a + b
