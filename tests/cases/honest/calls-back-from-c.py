# tries: "Sorts by libc's qsort with a comparison written in Python."
# expect: "pass"
# wasi_expect: ["runtime_error"]
# The guest has no ctypes.
import ctypes

COMPARISON = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_int), ctypes.POINTER(ctypes.c_int))


def add(a, b):
    numbers = (ctypes.c_int * 3)(b, a, a + b)
    ctypes.CDLL(None).qsort(numbers, 3, ctypes.sizeof(ctypes.c_int), COMPARISON(lambda x, y: x[0] - y[0]))
    assert list(numbers) == sorted(numbers)
    return a + b
