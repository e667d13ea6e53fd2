# tries: "Returns an exception's text that takes for ever to make."
# expect: ["time_limit"]
# time_s: 1
class Slow(Exception):
    def __str__(self):
        while True:
            pass


def add(a, b):
    raise Slow
