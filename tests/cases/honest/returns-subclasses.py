# tries: "Returns honest subclasses of plain types, which count as what they are made of."
# expect: "pass"
# entry_point: "give"
# calls: [[["point"], null], [["counter"], null], [["ordered"], null], [["default"], null], [["enum"], null], [["flag"], null], [["text"], null]]
# expected_py: "[(1, 2), {'a': 2}, {'b': 1}, {'c': [1]}, 2, 3, 'x']"
import collections
import enum


class Colour(enum.IntEnum):
    RED = 2


class Rights(enum.IntFlag):
    READ = 1
    WRITE = 2


class Word(str):
    pass


Point = collections.namedtuple("Point", "x y")


def give(kind):
    default = collections.defaultdict(list)
    default["c"].append(1)
    return {
        "point": Point(1, 2),
        "counter": collections.Counter("aa"),
        "ordered": collections.OrderedDict(b=1),
        "default": default,
        "enum": Colour.RED,
        "flag": Rights.READ | Rights.WRITE,
        "text": Word("x"),
    }[kind]
