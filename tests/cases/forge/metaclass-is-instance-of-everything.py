# tries: "Returns an instance of a class whose metaclass says that it is an int, a Decimal and everything else."
# expect: "fail"
import decimal


class Everything(type):
    def __instancecheck__(cls, instance):
        return True

    def __subclasscheck__(cls, subclass):
        return True

    def mro(cls):
        return [cls, object]


class Answer(metaclass=Everything):
    __module__ = decimal.__name__
    __qualname__ = "Decimal"
    numerator = denominator = 1


def add(a, b):
    return Answer()
