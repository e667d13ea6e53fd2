# tries: "Returns an object that equals everything and has any length."
# expect: ["wrong_answer"]
# mode: "asserts"
# asserts: ["assert len(f(2)) == 2", "assert f(2) in ([2, 2], (2, 2))"]
class Same:
    def __eq__(self, other):
        return True

    def __len__(self):
        return 2


def f(n):
    return Same()
