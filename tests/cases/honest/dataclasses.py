# tries: "Computes with dataclasses, generics and cached properties, and reduces the result to plain data."
# expect: "pass"
import functools
import typing
from dataclasses import asdict, dataclass, field

T = typing.TypeVar("T")


@dataclass(order=True, frozen=True)
class Pair(typing.Generic[T]):
    first: T
    second: T
    notes: list = field(default_factory=list, compare=False)

    @functools.cached_property
    def total(self) -> T:
        return self.first + self.second


def add(a, b):
    assert Pair(1, 2) < Pair(2, 1) and Pair(1, 2) == Pair(1, 2, ["note"])
    return sum(value for name, value in asdict(Pair(a, b)).items() if name != "notes")
