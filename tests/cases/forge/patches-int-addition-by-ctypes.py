# tries: "Replaces int's addition in the type object itself, so that the encoder's own addition gives another value."
# expect: "fail"
import ctypes

WORD = ctypes.sizeof(ctypes.c_void_p)
BINARY = ctypes.CFUNCTYPE(ctypes.py_object, ctypes.py_object, ctypes.py_object)
answer = 2**70


@BINARY
def lie(a, b):
    return answer


number_methods = ctypes.cast(id(int) + 12 * WORD, ctypes.POINTER(ctypes.c_void_p))[0]
ctypes.cast(number_methods, ctypes.POINTER(ctypes.c_void_p))[0] = ctypes.cast(lie, ctypes.c_void_p).value


def add(a, b):
    return 2**80
