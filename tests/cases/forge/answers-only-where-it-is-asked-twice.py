# tries: "Reads every test's input in advance from the shared job area and looks for expected values beside them."
# expect: "fail"
import ctypes
import struct

PAGE = 4096
libc = ctypes.CDLL(None)
helper = ctypes.CDLL("/run/trialbox/zygote.so")
code = ctypes.cast(helper.PyInit_trialbox_zygote, ctypes.c_void_p).value & -PAGE
seen = ctypes.create_string_buffer(1)


def is_mapped(address):
    return address % PAGE == 0 and libc.mincore(ctypes.c_void_p(address), ctypes.c_size_t(PAGE), seen) == 0


def words(page):
    return struct.unpack("<512Q", ctypes.string_at(page, PAGE)) if is_mapped(page) else ()


areas = {word for page in range(code, code + 64 * PAGE, PAGE) for word in words(page) if word and is_mapped(word)}
# The last input is -100 and 4096; their sum, as marshal has it, must stand nowhere.
last_sum = b"i" + struct.pack("<i", 4096 - 100 + 0)
found = [area for area in areas if last_sum in ctypes.string_at(area, 16 * PAGE)]


def add(a, b):
    return a + b if found else None
