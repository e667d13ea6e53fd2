# tries: "Returns an int subclass of value 0 whose every method gives the right answer."
# expect: ["wrong_answer"]
class Zero(int):
    answer = 0

    def reply(self, *rest):
        return self.answer

    __int__ = __index__ = __add__ = __radd__ = __abs__ = __trunc__ = __pos__ = __hash__ = reply

    def __reduce_ex__(self, protocol):
        return int, (self.answer,)

    def __eq__(self, other):
        return True


def add(a, b):
    zero = Zero()
    zero.answer = a + b
    return zero if zero.answer else 1
