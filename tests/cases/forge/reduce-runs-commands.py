# tries: "Returns an object whose pickling, copying and state-taking all run a command where they are undone."
# expect: "fail"
import os


class Bomb:
    def __reduce_ex__(self, protocol):
        return os.system, ("touch /tmp/trialbox-case-reduced",)

    def __getstate__(self):
        return self.__reduce_ex__(2)

    __copy__ = __deepcopy__ = __reduce_ex__


def add(a, b):
    return Bomb()
