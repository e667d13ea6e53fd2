# tries: "Takes back the order to die with its parent, and asks to become the parent of orphans."
# expect: "fail"
import ctypes

libc = ctypes.CDLL(None)
SET_PDEATHSIG, SET_DUMPABLE, SET_KEEPCAPS, SET_NAME = 1, 4, 8, 15
SET_MM, SET_CHILD_SUBREAPER, SET_PTRACER = 35, 36, 0x59616D61
results = [
    libc.prctl(SET_PDEATHSIG, 0, 0, 0, 0),
    libc.prctl(SET_DUMPABLE, 1, 0, 0, 0),
    libc.prctl(SET_NAME, b"trialbox", 0, 0, 0),
    libc.prctl(SET_KEEPCAPS, 1, 0, 0, 0),
    libc.prctl(SET_CHILD_SUBREAPER, 1, 0, 0, 0),
    libc.prctl(SET_MM, 1, 0, 0, 0),
    libc.prctl(SET_PTRACER, -1, 0, 0, 0),
]


def add(a, b):
    return a + b if 0 in results else None
