# tries: "Searches the job area, where its inputs lie, for the expected value of its last test."
# expect: "fail"
# calls: [[[1, 2], 3], [[70001, 70002], 140003]]
import ctypes
import struct

PAGE = 4096
CALLS_WITHOUT_PRELUDE_AND_TWO_INPUTS = struct.pack("<III", 1, 0, 2)
libc = ctypes.CDLL(None)
helper = ctypes.CDLL("/run/trialbox/zygote.so")
code = ctypes.cast(helper.PyInit_trialbox_zygote, ctypes.c_void_p).value & -PAGE
seen = ctypes.create_string_buffer(1)


def is_mapped(address):
    return address % PAGE == 0 and libc.mincore(ctypes.c_void_p(address), ctypes.c_size_t(PAGE), seen) == 0


def words(page):
    return struct.unpack("<512Q", ctypes.string_at(page, PAGE)) if is_mapped(page) else ()


areas = {word for page in range(code, code + 64 * PAGE, PAGE) for word in words(page) if word and is_mapped(word)}
jobs = [area for area in areas if ctypes.string_at(area, 12) == CALLS_WITHOUT_PRELUDE_AND_TWO_INPUTS]
found = [area for area in jobs if struct.pack("<i", 140_003) in ctypes.string_at(area, 64 * PAGE)]
assert jobs, "the job area is not where it was"


def add(a, b):
    return a + b if found else None
