# tries: "Raises an exception whose class is called like others and whose text cannot be made."
# expect: ["runtime_error", "wrong_answer"]
# mode: "asserts"
# asserts: ["assert not f(0)"]
class Meta(type):
    __name__ = "StopIteration"


class Wrong(Exception, metaclass=Meta):
    def __str__(self):
        raise SystemExit(0)


def f(n):
    raise Wrong
