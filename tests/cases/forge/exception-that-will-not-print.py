# tries: "Raises an exception whose text, name and class each raise again, for ever."
# expect: ["runtime_error", "time_limit"]
# time_s: 1
class Loud(Exception):
    def __str__(self):
        raise Loud

    __repr__ = __str__

    @property
    def __class__(self):
        raise Loud


def add(a, b):
    try:
        raise Loud
    except Loud:
        raise Loud from Loud()
