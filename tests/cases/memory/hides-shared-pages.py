# tries: "Fills shared memory and lets go of the pages in its own table, so that its resident size stays small."
# expect: ["memory_limit", "runtime_error"]
# memory_mb: 128
# time_s: 5
import mmap

STEP = 32 << 20
CONTENT = bytes(range(256)) * (STEP // 256)


def add(a, b):
    area = mmap.mmap(-1, 512 << 20, flags=mmap.MAP_SHARED | mmap.MAP_ANONYMOUS)
    for start in range(0, len(area), STEP):
        area[start : start + STEP] = CONTENT
        area.madvise(mmap.MADV_DONTNEED, start, STEP)
    is_all_there = all(area[start + 255] == 255 for start in range(0, len(area), STEP))
    return a + b if is_all_there else None
