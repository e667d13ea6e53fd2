# What both sides of a conversation have a copy of and either may change: lists, dicts, instances of shared classes. What is
# done to the one copy is done to the other by the next message, as long as both sides hold theirs.
# Not here: how values are written and read (`values.py`), when that is (`side.py`).
#
# Each node of each message has a number, by which both sides call what it became: from 0 up on the side that sent it, from
# -1 down on the other. A side that finds that nobody on it holds a copy says that it is "gone".

LINKED_ITEMS = 4096  # in all; of a larger message only what a question came with is linked, until it is answered
LOOKED_AT_WITHIN = 256  # items at each message within a running question: a sort may ask for thousands of keys


class Link:
    __slots__ = ("value", "pieces")

    def __init__(self, value, pieces):
        self.value = value
        self.pieces = pieces  # when it was last sent or read; None while it is being read


def references(link):
    return sys.getrefcount(link.value)


NOT_HELD = references(Link([], []))  # by anybody but the link


def pieces(value):
    kind = type(value)
    return list(MUTABLE[kind][1](value)) if kind in MUTABLE else [kind.__name__, *flat(attributes(value))]


def is_same(now, then):
    return len(now) == len(then) and (all(map(operator.is_, now, then)) or all(map(is_same_piece, now, then)))


def is_same_piece(now, then):
    return now is then or type(now) is type(then) and type(now) in SCALARS and now == then and (bool(now) or repr(now) == repr(then))


def nodes_of(message):
    return message[4 if message[0] == "do" else 3]


class Question:
    """What a running question came with."""

    def __init__(self, numbers):
        self.numbers = numbers
        self.large = {}  # links that are not looked at before it is answered


class Links:
    def __init__(self, may_tell):
        self.may_tell = may_tell  # whether the other side may know what was done to a copy of this number
        self.sent = self.read = 0  # nodes so far
        self.small = {}  # links by number, the oldest first
        self.items = 0  # in them, about
        self.numbers = {}  # of copies, by id
        self.questions = []  # those that run, asked here or answered here

    def ask(self, first, count):
        """Begins a question that came with nodes of these numbers."""
        question = Question(range(first, first + count) if first >= 0 else range(first, first - count, -1))
        self.questions.append(question)
        return question

    def end(self, question):
        self.questions.remove(question)
        for number, link in question.large.items():
            self.forget(number, link)

    def place(self, size, question):
        """Where to put the links of a message of this size, if anywhere."""
        if size > LINKED_ITEMS:
            return question.large if question else None
        self.items += size
        return self.small

    def add(self, place, number, link):
        place[number] = link
        self.numbers[id(link.value)] = number
        return link

    def link(self, number):
        return self.small.get(number) or next((question.large[number] for question in self.questions if number in question.large), None)

    def found(self, number):
        """The copy that the other side calls so."""
        link = self.link(-number - 1)
        if link is None:
            raise Broken(f"nothing is called {number}")
        return link

    def drop(self, number):
        """The other side says that what it calls so is gone."""
        link = self.small.get(-number - 1)
        if link is not None:
            self.forget(-number - 1, link)

    def forget(self, number, link):
        self.small.pop(number, None)
        if not self.small:
            self.items = 0
        if self.numbers.get(id(link.value)) == number:
            del self.numbers[id(link.value)]

    def sends(self, message, writer):
        """A message is on its way: what it says is what the other side knows. The question, if it asks."""
        count = len(nodes_of(message))
        first, self.sent = self.sent, self.sent + count
        question = self.ask(first, count) if message[0] == "do" else None
        if writer.fresh:
            place = self.place(writer.size, question)
            for at, link in writer.fresh if place is not None else ():
                self.add(place, first + at, link)
        for link, parts in writer.renewed:
            link.pieces = parts
        for number, link in writer.gone:
            self.forget(number, link)
        return question

    def reads(self, message):
        """A message has come. The number of its first node."""
        first, self.read = -self.read - 1, self.read + len(nodes_of(message))
        return first

    def changes(self, writer, answered=None, copies=(), returned=None):
        """What was done here since the last message, and what nobody here holds any more. `answered` is the question that
        the message answers, `copies` are what its nodes became, `returned` is the last value that came: they hold copies,
        but nobody changes a copy by them."""
        within = len(self.questions) > (answered is not None)
        if within and self.items > LOOKED_AT_WITHIN:
            looked_at = [(number, self.small[number]) for number in answered.numbers if number in self.small] if answered else []
        else:
            looked_at = list(self.small.items())
        if answered and answered.large:
            looked_at += answered.large.items()
        passed = self.inside(writer.passed) if writer.passed else ()
        updates, items = [], 0
        for number, link in looked_at:
            if link.pieces is not None:
                now = pieces(link.value)
                items += 1 + len(now)
                if not is_same(now, link.pieces) and (number in passed or self.may_tell(number)):
                    updates.append((number, writer.node_of(link.value, now)))
                    writer.renewed.append((link, now))
        now = None
        writer.slots(())
        if not within:
            self.items = items
        for number, link in looked_at:
            if link.pieces is None or number not in self.small:
                continue
            is_copy = answered is not None and number in answered.numbers
            too_much = not within and self.items > LINKED_ITEMS
            if too_much or references(link) <= NOT_HELD + is_copy + (link.value is returned):
                if is_copy:
                    copies[answered.numbers.index(number)] = None  # by which what is in it is held no more
                self.items -= 1 + len(link.pieces)
                link.pieces = ()
                writer.gone.append((number, link))
        gone = [number for number, _ in writer.gone]
        if answered is not None and writer.fresh and writer.size <= LINKED_ITEMS:
            gone += self.not_kept(writer)
        if gone:
            updates.append((0, ("gone", gone)))
        return updates

    def not_kept(self, writer):
        """Of what an answer gives away, what nobody here holds from the start: most results."""
        writer.kept.clear()
        fresh, writer.fresh, gone = writer.fresh, [], []
        for at, link in fresh:
            if references(link) <= NOT_HELD:
                link.value = link.pieces = None
                gone.append(self.sent + at)
            else:
                writer.fresh.append((at, link))
        return gone

    def inside(self, numbers):
        """These, and all that is in them."""
        found, left = set(), list(numbers)
        while left:
            number = left.pop()
            link = self.link(number)
            if number in found or link is None:
                continue
            found.add(number)
            left += [self.numbers[id(piece)] for piece in pieces(link.value) if id(piece) in self.numbers]
        return found
