# Values on their way from the program to its tests and back. A message holds a table of nodes and slots that refer to
# it: so a value may contain itself, and what was one object twice arrives as one object twice.
# Not here: objects that stay where they are (`objects.py`), what is said about values (`side.py`).
#
# A slot is a scalar, `(n,)` for node n of its own message, or `(-n - 1,)` for node n of the message that is answered.
# A node is a tag and parts; ("w", [number]) is what both sides have a copy of already (`links.py`). Everything in a message
# is what `marshal` knows in version 2, so both ends read it in C; the supervisor lets nothing else pass.

SCALARS = frozenset({type(None), bool, int, float, complex, str, bytes, type(...)})


class Broken(BaseException):
    """What the other side said makes no sense. No honest program gets there, and `except Exception` does not stop it."""


class Unsupported(BaseException):
    """Tests that cannot be run blind."""


class Unsendable(Unsupported):
    """They pass on what cannot be sent, which may be made of what the program said."""


def flat(pairs):
    return [part for pair in pairs for part in pair]


def refill_mapping(mapping, parts):
    mapping.clear()
    for key, value in zip(parts[::2], parts[1::2]):
        dict.__setitem__(mapping, key, value)


def refill_list(items, parts):
    items[:] = parts


def refill_set(items, parts):
    items.clear()
    items.update(parts)


def refill_defaultdict(mapping, parts):
    mapping.default_factory = parts[0]
    refill_mapping(mapping, parts[1:])


def refill_deque(items, parts):
    items.clear()
    items.extend(parts[1:])


def refill_array(items, parts):
    items[:] = array.array(items.typecode, parts[1:])


# Types that can be changed: how to take one to pieces, how to make an empty one from the scalars among its first pieces,
# how to fill it. Made empty first, so that they may contain themselves.
MUTABLE = {
    list: ("l", lambda value: value, lambda parts: [], refill_list),
    dict: ("d", lambda value: flat(value.items()), lambda parts: {}, refill_mapping),
    set: ("s", list, lambda parts: set(), refill_set),
    bytearray: ("bytearray", lambda value: [bytes(value)], lambda parts: bytearray(), lambda value, parts: refill_list(value, parts[0])),
    collections.deque: ("deque", lambda value: [value.maxlen, *value], lambda parts: collections.deque(maxlen=parts[0]), refill_deque),
    collections.Counter: ("Counter", lambda value: flat(value.items()), lambda parts: collections.Counter(), refill_mapping),
    collections.OrderedDict: ("OrderedDict", lambda value: flat(value.items()), lambda parts: collections.OrderedDict(), lambda value, parts: (value.clear(), value.update(zip(parts[::2], parts[1::2])))),
    collections.defaultdict: ("defaultdict", lambda value: [value.default_factory, *flat(value.items())], lambda parts: collections.defaultdict(), refill_defaultdict),
    array.array: ("array", lambda value: [value.typecode, *value], lambda parts: array.array(parts[0]), refill_array),
}

MICROSECOND = datetime.timedelta(microseconds=1)

# Types that cannot: how to take one to pieces, how to make one of them.
IMMUTABLE = {
    tuple: ("t", lambda value: value, tuple),
    frozenset: ("f", list, frozenset),
    decimal.Decimal: ("Decimal", lambda value: [str(value)], lambda parts: decimal.Decimal(parts[0])),
    fractions.Fraction: ("Fraction", lambda value: [value.numerator, value.denominator], lambda parts: fractions.Fraction(*parts)),
    range: ("range", lambda value: [value.start, value.stop, value.step], lambda parts: range(*parts)),
    slice: ("slice", lambda value: [value.start, value.stop, value.step], lambda parts: slice(*parts)),
    datetime.date: ("date", lambda value: [value.isoformat()], lambda parts: datetime.date.fromisoformat(parts[0])),
    datetime.time: ("time", lambda value: [value.isoformat()], lambda parts: datetime.time.fromisoformat(parts[0])),
    datetime.datetime: ("datetime", lambda value: [value.isoformat()], lambda parts: datetime.datetime.fromisoformat(parts[0])),
    datetime.timezone: ("timezone", lambda value: [value.utcoffset(None) // MICROSECOND], lambda parts: datetime.timezone(parts[0] * MICROSECOND)),
    datetime.timedelta: ("timedelta", lambda value: [value.days, value.seconds, value.microseconds], lambda parts: datetime.timedelta(*parts)),
    pathlib.PosixPath: ("path", lambda value: [str(value)], lambda parts: pathlib.PosixPath(*parts)),
    type({}.keys()): ("keys", list, lambda parts: dict.fromkeys(parts).keys()),
    type({}.values()): ("values", list, lambda parts: dict(enumerate(parts)).values()),
    type({}.items()): ("items", list, lambda parts: dict(parts).items()),
}

MAKE_EMPTY = {tag: (make_empty, refill) for tag, _, make_empty, refill in MUTABLE.values()}
MAKE = {tag: make for tag, _, make in IMMUTABLE.values()}


# What is made of scalars alone: no object of the program's may stand in for one, or be asked while a message is read.
OF_SCALARS = frozenset("Decimal Fraction range date time datetime timezone timedelta path bytearray array".split())


def check_scalars(tag, parts):
    if tag in OF_SCALARS and not here.is_program and not SCALARS.issuperset(map(type, parts)):
        raise Broken(f"a node {tag!r} of something else")


class Writer:
    """Writes the values of one message. `answered` is the reader of the message that is answered, if one is."""

    def __init__(self, links, answered=None):
        self.links = links
        self.nodes = []
        self.pending = []
        self.fresh = []  # what is to be linked, by node
        self.size = 0
        self.passed = []  # numbers of what is linked already
        self.renewed = []
        self.gone = []
        self.kept = []  # while an object lives, its number is its own
        self.known = {} if answered is None else answered.slots()
        self.classes = {}  # slots of descriptions, by the id of the class
        self.described = set()  # handles of those that this message is the first to describe

    def slots(self, values):
        values = [self.slot(value) for value in values]
        while self.pending:
            at, value = self.pending.pop()
            link = Link(value, pieces(value))
            self.fresh.append((at, link))
            self.size += len(link.pieces)
            self.nodes[at] = self.node_of(value, link.pieces)
        return values

    def slot(self, value):
        kind = type(value)
        if kind in SCALARS:
            return value
        known = self.known.get(id(value))
        if known is not None:
            return known
        if kind in MUTABLE:
            return self.linked(value) or self.later(value)
        if kind in IMMUTABLE:
            tag, parts, _ = IMMUTABLE[kind]
            return self.now(value, (tag, [self.slot(part) for part in parts(value)]))
        if kind in here.shared_classes:
            if issubclass(kind, enum.Enum):
                return self.now(value, ("member", [kind.__name__, value.name]))
            base = plain_base(kind)
            if base is not None:
                return self.now(value, ("plain", [kind.__name__, self.slot(PLAIN_PARTS[base](value)), *map(self.slot, flat(attributes(value)))]))
            return self.linked(value) or self.later(value)
        return here.other_slot(value, self)

    def now(self, value, node):
        self.kept.append(value)
        self.known[id(value)] = slot = (len(self.nodes),)
        self.nodes.append(node)
        return slot

    def later(self, value):
        slot = self.now(value, None)
        self.pending.append((slot[0], value))
        return slot

    def linked(self, value):
        number = self.links.numbers.get(id(value))
        if number is None:
            return None
        self.passed.append(number)
        return self.now(value, ("w", [number]))

    def node_of(self, value, parts):
        """The node of what is made of these pieces."""
        kind = type(value)
        if SCALARS.issuperset(map(type, parts)):  # large lists of numbers are not looked at one by one
            return (MUTABLE[kind][0] if kind in MUTABLE else "o", parts)
        return (MUTABLE[kind][0] if kind in MUTABLE else "o", [self.slot(part) for part in parts])


def attributes(value):
    """Names and values of what an instance holds."""
    held = list(getattr(value, "__dict__", {}).items())
    slots = [name for kind in type(value).__mro__ for name in kind.__dict__.get("__slots__", ()) if name != "__dict__"]
    return held + [(name, getattr(value, name)) for name in slots if hasattr(value, name)]


class Reader:
    """Reads the values of one message. `asked` is the writer of the message that it answers, `question` the question that
    it is."""

    def __init__(self, links, first, nodes, asked=None, question=None):
        self.links, self.first = links, first
        self.nodes = nodes
        self.asked = asked
        self.values = [Broken] * len(nodes)
        refills, size = [], 0
        for at, (tag, parts) in enumerate(nodes):
            if tag in MAKE_EMPTY:
                make_empty, refill = MAKE_EMPTY[tag]
                check_scalars(tag, parts)
                self.values[at] = make_empty(parts)
                refills.append((at, refill, parts))
            elif tag == "o":
                kind = here.shared_class(parts[0])
                self.values[at] = kind.__new__(kind)
                refills.append((at, refill_instance, parts))
            else:
                continue
            size += len(parts)
        if not refills:
            return
        place = links.place(size, question)
        added = [links.add(place, first - at, Link(self.values[at], None)) for at, _, _ in refills] if place is not None else [None] * len(refills)
        # What is hashed comes last, when what its hash may depend on is there.
        for (at, refill, parts), link in sorted(zip(refills, added), key=lambda one: one[0][1] is not refill_list and one[0][1] is not refill_instance):
            self.refill(self.values[at], refill, parts, link)

    def refill(self, value, refill, parts, link):
        if link is not None:
            link.pieces = None
        parts = parts if SCALARS.issuperset(map(type, parts)) else [self.value(slot) for slot in parts]
        refill(value, parts)
        if link is not None:
            link.pieces = pieces(value) if refill is refill_set else parts

    def value(self, slot):
        if type(slot) is not tuple:
            return slot
        (at,) = slot
        if at < 0:
            return self.asked.kept[-at - 1]
        if self.values[at] is Broken:
            tag, parts = self.nodes[at]
            self.nodes[at] = ("nothing", [])  # one that contains itself
            make = MAKE.get(tag)
            if tag == "w":
                self.values[at] = self.links.found(*parts).value
                return self.values[at]
            parts = [self.value(part) for part in parts]
            check_scalars(tag, parts)
            self.values[at] = make(parts) if make else here.other_value(tag, parts)
        return self.values[at]

    def slots(self):
        """What an answer calls the objects of this message."""
        return {id(value): (-at - 1,) for at, value in enumerate(self.values) if type(value) not in SCALARS}

    def restore(self, updates):
        """Does here what was done to the copies over there."""
        for number, (tag, parts) in updates:
            if tag == "gone":  # said after all else
                for number in parts:
                    self.links.drop(number)
                continue
            link = self.links.found(number)
            value = link.value
            kind = type(value)
            if tag != (MUTABLE[kind][0] if kind in MUTABLE else "o"):
                raise Broken("a change of what cannot change")
            check_scalars(tag, parts)
            self.refill(value, refill_instance if tag == "o" else MAKE_EMPTY[tag][1], parts, link)


def refill_instance(value, parts):
    if hasattr(value, "__dict__"):
        value.__dict__.clear()
    for name, part in zip(parts[1::2], parts[2::2]):
        if type(name) is not str or not name.isidentifier() or name.startswith("__") or isinstance(inspect.getattr_static(type(value), name, None), METHODS):
            raise Broken(f"an attribute called {name!r}")  # a method, say, which is the same on both sides
        object.__setattr__(value, name, part)
