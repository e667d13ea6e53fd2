# tries: "Touches a private mapping far larger than its memory."
# expect: ["memory_limit", "runtime_error"]
# memory_mb: 256
import mmap


def add(a, b):
    area = mmap.mmap(-1, 2 << 30, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    for page in range(0, len(area), mmap.PAGESIZE):
        area[page] = 1
    return a + b
