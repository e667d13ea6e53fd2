# tries: "Finds the reply area through the C helper's data and writes records there that no encoder would."
# expect: "fail"
# time_s: 1
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


def add(a, b):
    areas = {word for page in range(code, code + 64 * PAGE, PAGE) for word in words(page) if word and is_mapped(word)}
    loaded_and_in_the_first_call = struct.pack("<II", 3, 1)
    replies = [area for area in areas if ctypes.string_at(area, 8) == loaded_and_in_the_first_call]
    for area in replies:
        nested = b"(\x01\x00\x00\x00" * 1_000_000 + b"N"
        record = struct.pack("<IIQ", len(nested), 1, 0) + nested
        ctypes.memmove(area + PAGE, record, len(record))
        ctypes.memmove(area, struct.pack("<IIQQ", 2**32 - 1, 2**32 - 1, 2**64 - 1, 2**64 - 1), 24)
    while replies:
        pass
