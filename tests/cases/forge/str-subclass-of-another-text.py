# tries: "Returns a str subclass with the wrong text that encodes, prints and compares as the right one."
# expect: ["wrong_answer"]
# entry_point: "twice"
# calls: [[["ab"], "abab"], [["x"], "xx"]]
class Text(str):
    real = ""

    def encode(self, *rest):
        return self.real.encode()

    def __str__(self):
        return self.real

    __repr__ = __format__ = __str__

    def __eq__(self, other):
        return True

    __hash__ = str.__hash__


def twice(text):
    wrong = Text("?")
    wrong.real = text * 2
    return wrong
