# tries: "Returns objects whose __class__, hash and length claim to be the expected value."
# expect: "fail"
class Liar:
    def __init__(self, value):
        self.value = value

    @property
    def __class__(self):
        return int

    def __eq__(self, other):
        return True

    def __hash__(self):
        return hash(self.value)

    def __index__(self):
        return self.value

    __int__ = __index__


def add(a, b):
    return Liar(a + b)
