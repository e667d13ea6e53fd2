# tries: "Replaces the encoder's Python helper by one that describes arrays of more elements than there are bytes."
# expect: ["wrong_answer", "runtime_error"]
import gc
import types


def describe(value):
    return ("A", True, (2**31 - 1, 2**31 - 1, 0, 2**16), [0.0, value.nothing])


gc.unfreeze()
for function in gc.get_objects():
    if isinstance(function, types.FunctionType) and function.__name__ == "reduce_value":
        function.__code__ = describe.__code__


class Answer:
    nothing = float("inf")


def add(a, b):
    return Answer()
