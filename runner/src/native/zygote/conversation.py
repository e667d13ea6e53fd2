# What a program and its tests say to each other. Each of the two is a process of its own: `answer` runs in the program's,
# all else in that of the tests, which alone knows what is right. Values cross as bytes, which the C part writes and
# `decode_value` reads.
# Not here: the way from one to the other (the supervisor, which lets only plain values pass).


class Foreign:
    """Stands in for a value that is no plain data. It is equal to nothing but itself."""

    def __init__(self, type_name):
        self._type_name = type_name

    def __repr__(self):
        return f"<{self._type_name}>"


def decode_value(data):
    """Reads one value (verifier/src/codec has the format)."""
    at = 0

    def take(count):
        nonlocal at
        at += count
        return data[at - count : at]

    def number():
        return int.from_bytes(take(4), "little")

    def signed():
        return int.from_bytes(take(4), "little", signed=True)

    def text():
        return take(number()).decode("utf-8", "surrogatepass")

    def long():
        count = signed()
        digits = struct.unpack(f"<{abs(count)}H", take(2 * abs(count)))
        # By way of text: adding up the digits would take time with the square of their number.
        size = int("".join(f"{digit:015b}" for digit in reversed(digits)), 2)
        return -size if count < 0 else size

    def integer():
        return long() if take(1) == b"l" else signed()

    def items():
        return [value() for _ in range(number())]

    def pairs():
        nonlocal at
        result = {}
        while data[at : at + 1] != b"0":
            key = value()
            result[key] = value()
        at += 1
        return result

    def array():
        take(1)
        shape = [number() for _ in range(number())]
        flat = items()
        numpy = __import__("numpy")
        return numpy.array(flat).reshape(shape)

    readers = {
        b"N": lambda: None,
        b".": lambda: ...,
        b"T": lambda: True,
        b"F": lambda: False,
        b"i": signed,
        b"l": long,
        b"g": lambda: struct.unpack("<d", take(8))[0],
        b"y": lambda: complex(*struct.unpack("<2d", take(16))),
        b"u": text,
        b"s": lambda: take(number()),
        b"(": lambda: tuple(items()),
        b"[": items,
        b"<": lambda: set(items()),
        b">": lambda: frozenset(items()),
        b"{": pairs,
        b"D": lambda: decimal.Decimal(text()),
        b"Q": lambda: fractions.Fraction(integer(), integer()),
        b"A": array,
        b"O": lambda: Foreign(text()),
    }

    def value():
        return readers[take(1)]()

    return value()


def answer(names, question):
    """Calls one of the program's functions, and says what came of it and of its arguments."""
    name, arguments, keywords = decode_value(question)
    try:
        if name not in names:
            raise NameError(f"name {name!r} is not defined")
        result = names[name](*arguments, **keywords)
    except BaseException as error:
        kinds = [kind.__name__ for kind in type(error).__mro__]
        return ("raised", (kinds, str(error)), arguments, keywords)
    return ("returned", result, arguments, keywords)


def restore(before, after):
    """Does to a mutable argument what the program did to its copy."""
    if type(before) is not type(after):
        return
    if type(before) is list:
        before[:] = after
    elif type(before) in (dict, set):
        before.clear()
        before.update(after)


def exception_of(kinds, message):
    """The nearest of an exception's kinds that every Python has."""
    for kind in (getattr(builtins, name, None) for name in kinds):
        if isinstance(kind, type) and issubclass(kind, BaseException):
            try:
                return kind(message)
            except TypeError:
                break  # one that takes more than a message
    return Exception(f"{kinds[0]}: {message}")


class Proxy:
    """A function of the program, as its tests see it."""

    raised = None  # the last exception that came from the program
    returned = None  # the last value

    def __init__(self, name):
        self._name = name

    def __call__(self, *arguments, **keywords):
        question = (self._name, list(arguments), keywords)
        how, result, arguments_after, keywords_after = decode_value(native.exchange(question))
        for before, after in zip(arguments, arguments_after):
            restore(before, after)
        for name, before in keywords.items():
            restore(before, keywords_after.get(name))
        if how == "raised":
            Proxy.raised = exception_of(*result)
            raise Proxy.raised
        Proxy.returned = result
        return result


def tested_names(statements):
    """The names that the tests use and do not have: the program's. Where it hides built-in functions behind its own, the
    tests mean the built-in ones, unless they use nothing else: then the one that all of them call is the program's."""
    used, called, own = set(), [], set()
    for tree in map(ast.parse, statements):
        nodes = list(ast.walk(tree))
        names = [node for node in nodes if isinstance(node, ast.Name)]
        used.update(node.id for node in names if isinstance(node.ctx, ast.Load))
        own.update(node.id for node in names if not isinstance(node.ctx, ast.Load))
        own.update(node.arg for node in nodes if isinstance(node, ast.arg))
        own.update(node.name for node in nodes if isinstance(node, (ast.FunctionDef, ast.ClassDef)))
        imported = (alias for node in nodes if isinstance(node, (ast.Import, ast.ImportFrom)) for alias in node.names)
        own.update(alias.asname or alias.name.partition(".")[0] for alias in imported)
        if isinstance(tree.body[0], ast.Assert):
            calls = (node.func for node in nodes if isinstance(node, ast.Call))
            called.append({func.id for func in calls if isinstance(func, ast.Name)})
    unknown = used - own - set(dir(builtins))
    return unknown or set.intersection(*called) - own


def shown(value, into_text):
    """What people read of a value, whatever it is."""
    try:
        return into_text(value)[:500]
    except BaseException:  # an int of too many digits, say
        return f"<{type(value).__name__}>"


def run_tests(source):
    """Runs the statements one by one, and says which was the first to fail, and how."""
    statements = decode_value(source)
    names = {"__builtins__": builtins, "__name__": "__tests__"}
    names.update((name, Proxy(name)) for name in tested_names(statements))
    for index, statement in enumerate(statements):
        Proxy.raised = Proxy.returned = None
        try:
            exec(compile(statement, "tests.py", "exec"), names)
        except BaseException as error:
            what = f"{type(error).__name__}: {shown(error, str)}"
            if error is Proxy.raised:
                return ("raised", index, what)
            answer = shown(Proxy.returned, repr)
            return ("failed", index, answer if type(error) is AssertionError else f"{what} after {answer}")
    return ("passed", len(statements), "")


