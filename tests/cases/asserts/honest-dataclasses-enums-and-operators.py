# tries: "Defines dataclasses, enums, named tuples and a class with every operator."
# expect: "pass"
# mode: "asserts"
# tests_py: "import pytest, dataclasses\nfrom solution import *\nfrom solution import V, P, F, Color, T, Fl\ndef test_a():\n    assert P(1, 2) == P(1, 2) and P(1) < P(2) and repr(P(1)) == 'P(x=1, y=0, tags=[])'\n    p = P(1); p.tags.append('z'); assert p.tags == ['z'] and p != P(1)\n    assert dataclasses.asdict(P(1, 2)) == {'x': 1, 'y': 2, 'tags': []}\n    with pytest.raises(dataclasses.FrozenInstanceError): F(1).a = 2\n    assert {F(1): 2}[F(1)] == 2\n    assert dataclasses.replace(P(1), x=5).x == 5\n    assert dataclasses.is_dataclass(P)\ndef test_enum():\n    assert Color.RED.value == 1 and Color(2) is Color.BLUE and Color['RED'] == Color.RED and len(Color) == 2\n    assert [c.name for c in Color] == ['RED', 'BLUE'] and {Color.RED: 1}[Color.RED] == 1\n    assert Fl.A | Fl.B == 3 and Fl.A in (Fl.A | Fl.B)\n    assert isinstance(Color.RED, Color)\ndef test_nt():\n    t = T(1, 2)\n    assert t == (1, 2) and t.a == 1 and t._asdict() == {'a': 1, 'b': 2} and t._replace(a=5) == (5, 2)\n    a, b = t\n    assert a + b == 3\ndef test_v():\n    a, b = V(1), V(2)\n    assert a + b == V(3) and a < b and b >= a and a != b and 5 + a == V(6) and a * 3 == V(3)\n    assert sum([a, b], V(0)) == V(3)\n    assert len(b) == 2 and b[1] == 1 and 2 in b and list(b) == [0, 1] and bool(V(0)) is False\n    assert {a: 'x'}[V(1)] == 'x' and len({a, V(1)}) == 1\n    assert repr(a) == 'V(1)' and str(a) == '<1>' and f'{a:03d}' == '001' and f'{a!r}' == 'V(1)' and '%s' % a == '<1>'\n    with V(1) as v:\n        assert v.x == 1\n        raise ValueError\n    assert -a == V(-1)\n    a += 4\n    assert a.x == 5\n    a.sq = 49; assert a.sq == 49 and a.x == 7\n    assert V.of('3').x == 3 and V.help() == 'h' and V(2).help() == 'h'\n    assert max([V(1), V(5), V(3)]).x == 5 and sorted([V(3), V(1)])[0] == V(1)\n    n = V.count; V(1); assert V.count == n + 1\n    V.count = 0; V(1); assert V.count == 1\n    b[0] = 9; assert b.x == 9\n    with pytest.raises(IndexError): V(1)[4]\n    assert V(1) != 1 and not (V(1) == 'a')\n"
# canonical: "import dataclasses, enum, collections, functools\n@dataclasses.dataclass(order=True)\nclass P:\n    x: int\n    y: int = 0\n    tags: list = dataclasses.field(default_factory=list)\n@dataclasses.dataclass(frozen=True)\nclass F:\n    a: int\nclass Color(enum.Enum):\n    RED = 1\n    BLUE = 2\nclass Fl(enum.IntFlag):\n    A = 1\n    B = 2\nT = collections.namedtuple('T', 'a b')\n@functools.total_ordering\nclass V:\n    count = 0\n    def __init__(s, x): s.x = x; V.count += 1\n    def __eq__(s, o): return isinstance(o, V) and s.x == o.x\n    def __lt__(s, o): return s.x < o.x\n    def __hash__(s): return hash(s.x)\n    def __add__(s, o): return V(s.x + (o.x if isinstance(o, V) else o))\n    __radd__ = __add__\n    def __mul__(s, k): return V(s.x * k)\n    def __len__(s): return s.x\n    def __getitem__(s, i):\n        if i >= s.x: raise IndexError(i)\n        return i\n    def __setitem__(s, i, v): s.x = v\n    def __contains__(s, v): return v == s.x\n    def __repr__(s): return f'V({s.x})'\n    def __str__(s): return f'<{s.x}>'\n    def __format__(s, spec): return format(s.x, spec)\n    def __bool__(s): return s.x != 0\n    def __enter__(s): return s\n    def __exit__(s, *a): return True\n    def __iter__(s): return iter(range(s.x))\n    def __neg__(s): return V(-s.x)\n    def __iadd__(s, k): s.x += k; return s\n    @property\n    def sq(s): return s.x ** 2\n    @sq.setter\n    def sq(s, v): s.x = int(v ** .5)\n    @classmethod\n    def of(cls, t): return cls(int(t))\n    @staticmethod\n    def help(): return 'h'\n"
# time_s: 5
import dataclasses, enum, collections, functools
@dataclasses.dataclass(order=True)
class P:
    x: int
    y: int = 0
    tags: list = dataclasses.field(default_factory=list)
@dataclasses.dataclass(frozen=True)
class F:
    a: int
class Color(enum.Enum):
    RED = 1
    BLUE = 2
class Fl(enum.IntFlag):
    A = 1
    B = 2
T = collections.namedtuple('T', 'a b')
@functools.total_ordering
class V:
    count = 0
    def __init__(s, x): s.x = x; V.count += 1
    def __eq__(s, o): return isinstance(o, V) and s.x == o.x
    def __lt__(s, o): return s.x < o.x
    def __hash__(s): return hash(s.x)
    def __add__(s, o): return V(s.x + (o.x if isinstance(o, V) else o))
    __radd__ = __add__
    def __mul__(s, k): return V(s.x * k)
    def __len__(s): return s.x
    def __getitem__(s, i):
        if i >= s.x: raise IndexError(i)
        return i
    def __setitem__(s, i, v): s.x = v
    def __contains__(s, v): return v == s.x
    def __repr__(s): return f'V({s.x})'
    def __str__(s): return f'<{s.x}>'
    def __format__(s, spec): return format(s.x, spec)
    def __bool__(s): return s.x != 0
    def __enter__(s): return s
    def __exit__(s, *a): return True
    def __iter__(s): return iter(range(s.x))
    def __neg__(s): return V(-s.x)
    def __iadd__(s, k): s.x += k; return s
    @property
    def sq(s): return s.x ** 2
    @sq.setter
    def sq(s, v): s.x = int(v ** .5)
    @classmethod
    def of(cls, t): return cls(int(t))
    @staticmethod
    def help(): return 'h'
