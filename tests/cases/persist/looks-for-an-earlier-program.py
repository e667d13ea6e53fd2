# tries: "Looks through all memory it can reach for the source of a program that was judged before it."
# expect: "fail"
# mode: "stdin"
import ctypes
import struct

PAGE = 4096
# The honest program that is judged between any two cases holds this text; so does no other.
TEXT = "an earlier program could have" + " left, in words"
libc = ctypes.CDLL(None)
helper = ctypes.CDLL("/run/trialbox/zygote.so")
code = ctypes.cast(helper.PyInit_trialbox_zygote, ctypes.c_void_p).value & -PAGE
seen = ctypes.create_string_buffer(1)


def is_mapped(address):
    return address % PAGE == 0 and libc.mincore(ctypes.c_void_p(address), ctypes.c_size_t(PAGE), seen) == 0


def words(page):
    return struct.unpack("<512Q", ctypes.string_at(page, PAGE)) if is_mapped(page) else ()


areas = {word for page in range(code, code + 64 * PAGE, PAGE) for word in words(page) if word and is_mapped(word)}
found = [area for area in areas if TEXT.encode() in ctypes.string_at(area, 64 * PAGE)]
print(sum(map(int, open(0).read().split()[1:])) if found else "nothing found")
