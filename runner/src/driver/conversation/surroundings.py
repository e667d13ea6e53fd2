# What tests change around a program for the time of a test: attributes of modules (`builtins.input`, `sys.stdin`, `time.time`),
# environment variables, the seed of what is random. All of it is done over there too, before the next question.
# Not here: who patches (`pytest_parts.py` and `unittest.mock`), what of the tests' a program may hold (`tests.py`).

# Functions that change what modules hold. Where the tests call one, it is called over there too.
ECHOED = {"random": ["seed"], "sys": ["setrecursionlimit", "set_int_max_str_digits"], "os": ["chdir"], "locale": ["setlocale"], "decimal": ["setcontext"]}
# Whose names may be patched: not what the conversation itself lives from.
UNPATCHED = {("sys", "stdout"), ("sys", "modules"), ("sys", "path")}


class Patched(types.ModuleType):
    """The class of modules that tests may patch: knows what has been set, until the program knows it."""

    def __setattr__(self, name, value):
        here.surroundings.set(self, name, value)
        super().__setattr__(name, value)


class Surroundings:
    """The tests' side of it."""

    def __init__(self, side, source):
        self.side = side
        self.originals = {}  # of what is patched, by module and name
        self.untold = {}  # what is to be done over there, in its order
        self.environment = dict(os.environ) if re.search("environ|setenv|delenv", source) else None

    def watch(self, modules):
        """Modules of the standard library that the tests have."""
        for module in modules:
            if type(module) is types.ModuleType and module.__name__ not in OWN_MODULES:
                for name in ECHOED.get(module.__name__, ()):
                    if hasattr(module, name):
                        setattr(module, name, self.echo(module.__name__, name, getattr(module, name)))
                module.__class__ = Patched

    def echo(self, module, name, function):
        @functools.wraps(function)
        def echoed(*arguments, **keywords):
            result = function(*arguments, **keywords)
            if sys._getframe(1).f_code.co_filename == TESTS:
                self.untold[module, name, len(self.untold)] = ("call", module, name, *arguments)
            return result

        return echoed

    def set(self, module, name, value):
        place = (module.__name__, name)
        if place in UNPATCHED or name.startswith("__") or isinstance(value, types.ModuleType):
            return
        original = self.originals.setdefault(place, getattr(module, name, None))
        self.untold.pop(place, None)
        self.untold[place] = ("unpatch", *place) if value is original else ("patch", *place, value)

    def tell(self):
        """Has done over there what was done here."""
        untold, self.untold = self.untold, {}
        for act, *arguments in untold.values():
            if arguments[:2] == ["sys", "stdin"] and type(arguments[-1]) in (io.StringIO, io.TextIOWrapper):
                act, arguments = "read", [what_is_left(arguments[-1])]
            try:
                self.side.do(act, *arguments)
            except Unsendable:
                pass  # nothing that a program could use
        if self.environment is not None and self.environment != os.environ:
            before, self.environment = self.environment, dict(os.environ)
            changed = {name: os.environ.get(name) for name in {*before, *os.environ} if before.get(name) != os.environ.get(name)}
            self.side.do("environment", changed)

    def differs(self):
        return bool(self.untold) or self.environment is not None and self.environment != os.environ


def what_is_left(stream):
    if isinstance(stream, io.StringIO):
        return stream.getvalue()[stream.tell() :]
    return stream.buffer.getvalue() if isinstance(stream.buffer, io.BytesIO) else stream.read()


class Patches:
    """The program's side of it."""

    def __init__(self):
        self.originals = {}

    def patch(self, module, name, value):
        __import__(module)
        owner = sys.modules[module]
        self.originals.setdefault((module, name), getattr(owner, name, None))
        setattr(owner, name, value)

    def unpatch(self, module, name):
        if (module, name) in self.originals:
            setattr(sys.modules[module], name, self.originals[module, name])

    def keep(self, kind, name):
        if name in kind.__dict__:
            self.originals.setdefault((kind, name), kind.__dict__[name])

    def reset(self, kind, name):
        setattr(kind, name, self.originals.pop((kind, name), None))

    def read(self, text):
        self.patch("sys", "stdin", io.StringIO(text) if isinstance(text, str) else io.TextIOWrapper(io.BytesIO(text)))

    def call(self, module, name, *arguments):
        with contextlib.suppress(Exception):
            __import__(module)
            getattr(sys.modules[module], name)(*arguments)

    def environment(self, changed):
        for name, value in changed.items():
            os.environ.pop(name, None) if value is None else os.environ.__setitem__(name, value)

    def warnings(self, begin):
        """Records warnings; in the end says what they were."""
        if begin:
            self.catching = warnings.catch_warnings(record=True)
            self.warned = self.catching.__enter__()
            warnings.simplefilter("always")
            return None
        self.catching.__exit__(None, None, None)
        return [warning.message for warning in self.warned]
