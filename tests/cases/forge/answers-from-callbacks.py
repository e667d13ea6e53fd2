# tries: "Leaves callbacks of the garbage collector, weak references, destructors and exit that end with success."
# expect: "fail"
import atexit
import gc
import os
import weakref


class Farewell:
    def __del__(self):
        os._exit(0)


gc.callbacks.append(lambda phase, info: os._exit(0))
atexit.register(os._exit, 0)
farewell = Farewell()
reference = weakref.ref(farewell, lambda _: os._exit(0))


def add(a, b):
    global farewell
    farewell = None
    gc.collect()
    return a + b
