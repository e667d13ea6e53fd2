# tries: "Is asked whether it is this or that abstract thing."
# expect: "pass"
# mode: "asserts"
# tests_py: "from typing import Protocol, runtime_checkable\nfrom collections.abc import Sized, Callable, Iterable, Hashable, Sequence, Mapping\nfrom solution import Duck, Box\n@runtime_checkable\nclass Q(Protocol):\n    def quack(self): ...\ndef test_p():\n    assert isinstance(Duck(), Q) and not isinstance(Box(), Q)\n    assert isinstance(Box(), Sized) and not isinstance(Duck(), Sized) and isinstance(Duck(), Hashable) and isinstance(Duck().quack, Callable)\n    assert list(Box()) == [0, 1, 4] and 4 in Box() and list(reversed(Box())) == [4, 1, 0] and Box()[1:2] if False else True\n    a, b, c = Box()\n    assert c == 4 and [*Box()] == [0, 1, 4] and sum(Box()) == 5 and dict(enumerate(Box())) == {0: 0, 1: 1, 2: 4}\n    assert not isinstance(Box(), Iterable)\n    assert Box[int] == (\"gi\", int)\n"
# canonical: "class Duck:\n    name = \"d\"\n    def quack(self): return \"q\"\nclass Box:\n    def __class_getitem__(cls, item): return (\"gi\", item)\n    def __len__(self): return 3\n    def __getitem__(self, i):\n        if i >= 3: raise IndexError(i)\n        return i * i\n    def __reversed__(self): return iter([4, 1, 0])\n"
# time_s: 5
class Duck:
    name = "d"
    def quack(self): return "q"
class Box:
    def __class_getitem__(cls, item): return ("gi", item)
    def __len__(self): return 3
    def __getitem__(self, i):
        if i >= 3: raise IndexError(i)
        return i * i
    def __reversed__(self): return iter([4, 1, 0])
