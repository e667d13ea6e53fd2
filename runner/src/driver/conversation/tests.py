# The tests' side: trusted code that asks a program of which it sees nothing but what is sent.
# Not here: what tests import of pytest and numpy (`stand_ins.py`), running them (`running.py`).

TESTS = "tests.py"


class TestsSide(Side):
    def __init__(self, allowed):
        super().__init__()
        # Pairs of line and operation, or attribute with a dot before it, as the canonical solution needs them; None where
        # that is what runs, False where there is none: then no operand is shown, and every attribute is asked for.
        self.allowed = allowed
        self.shown_at = set()  # those that were needed
        self.surroundings = None
        self.lent = False  # whether the program has named a built-in class, of which tests then make anything
        self.mentions_stop = False  # whether the tests speak of the end of an iteration
        self.asserted = None  # the first assertion that failed in what the program called

    def listens(self):
        return sys.stdout is not original_stdout

    def may_show(self, name):
        """Whether an operand of the tests may be shown where this is called from."""
        return self.allowed is not False and self.is_needed(name)

    def may_touch(self, name):
        """Whether an object of the program may be asked for an attribute where this is called from. With the arguments of
        its methods it is shown what is expected, where the tests think that it is a text."""
        return self.allowed is False or self.is_needed("." + name)

    def may_tell(self, number):
        """Whether the program may know what the tests did to something since it was sent: to what it came with itself, or
        where the canonical solution needs it. What the tests passed on may become what they expect."""
        return number < 0 if self.allowed is False else self.is_needed("=")

    def may_stop(self, act, arguments):
        """Whether an end of iteration may come of this. It would end a `map` or `zip` of the tests, and look like success."""
        steps = len(arguments) > 1 and type(arguments[1]) is str and arguments[1] in ("__next__", "__anext__", "send", "throw", "asend", "athrow")
        return steps or act == "await" or (self.mentions_stop if self.allowed is False else self.is_needed("StopIteration"))

    def may_swallow(self, error):
        """Whether an `__exit__` of the program may end this exception of the tests."""
        return not isinstance(error, AssertionError) if self.allowed is False else self.is_needed("swallow")

    def notice(self, error):
        """An assertion that fails in what the program calls counts, whoever catches it, but where the canonical solution
        catches one."""
        if isinstance(error, AssertionError) and self.asserted is None and not came_from_afar(error):
            if self.allowed is False or not self.is_needed("assert"):
                self.asserted = error

    def completed(self, count):
        """So many tests ran to their end: at least as many must as do with the canonical solution."""
        if self.allowed is None:
            self.shown_at.add((count, "completed"))
        elif self.allowed and count < max((place for place, name in self.allowed if name == "completed"), default=0):
            raise AssertionError(f"{count} tests ran to their end")

    def is_needed(self, name):
        frame = sys._getframe(1)
        while frame and frame.f_code.co_filename != TESTS:
            frame = frame.f_back
        place = (frame.f_lineno if frame else 0, name)
        if self.allowed is not None and place not in self.allowed:  # what the canonical solution needs
            return False
        self.shown_at.add(place)
        return True

    def check_shown(self, value):
        """What a program may get hold of. There is no way from any of these to the rest of the tests."""
        if isinstance(value, type):
            fits = is_own(value) or value in self.kinds
        else:
            fits = is_own(value) or callable(value) or hasattr(value, "__next__") or isinstance(value, (io.StringIO, io.BytesIO, types.CoroutineType))
        if not fits:
            raise Unsendable(f"the tests pass on {shown(value, repr)}, a {type(value).__name__}")

    def known_place(self, value):
        return place_of(value) if isinstance(value, (type, types.FunctionType, types.BuiltinFunctionType)) else None

    def found(self, module, name):
        """The classes of which programs may speak: built-in ones and exceptions."""
        found = getattr(sys.modules.get(module), name, None) if module not in OWN_MODULES else None
        if not isinstance(found, type) or not (module == "builtins" or issubclass(found, BaseException)):
            raise Broken(f"it speaks of {module}.{name}")
        self.lent = self.lent or not issubclass(found, BaseException)
        return found

    def method(self, value, name):
        self.check_act("method", value, name)
        return getattr(value, name)

    def too_large(self, message):
        if message[0] == "do":
            raise ValueError("an argument too large to be sent")
        return native.exchange(self.answer_foreign("a value too large to be sent"))

    def do(self, act, /, *arguments, **keywords):
        if self.surroundings and self.surroundings.differs():
            self.surroundings.tell()
        return super().do(act, *arguments, **keywords)

    def perform(self, act, value, /, *arguments, **keywords):
        if act == "print" and type(value) is str and not arguments and not keywords:
            return sys.stdout.write(value) if self.listens() else None
        self.check_act(act, value, arguments[0] if arguments else "")
        return super().perform(act, value, *arguments, **keywords)

    def check_act(self, act, value, name):
        """Refuses what honest code does not do and by which one could look around, such as `generator.gi_frame`."""
        if act == "await":
            fits = type(value) is int and 0 <= value < len(self.shown) and isinstance(self.shown[value], types.CoroutineType)
        elif act in ("copy", "deepcopy", "dir") or type(name) is not str or id(value) not in self.handles:
            fits = False  # of what travels by value it has a copy
        elif act == "plain":
            fits = is_own(value)
        elif act in ("set", "delete") and is_method(value, name):
            fits = is_own(value) and not name.startswith("_") and self.allowed is not False and self.is_needed(f"{act} {name}")
        elif act == "special":
            fits = name in SPECIAL and (is_own(value) or not isinstance(value, type))
        elif isinstance(value, (io.StringIO, io.BytesIO)):
            fits = act in ("method", "get") and not name.startswith("_")
        elif act == "method" and hasattr(value, "__next__"):
            fits = name in ("send", "close", "throw")
        elif act == "get" and name in ("__name__", "__qualname__", "__doc__", "__module__"):  # `functools.wraps`
            fits = callable(value)
        elif is_mock(value):
            fits = not name.startswith(MOCKS_OWN) and (act in ("method", "get") or act == "set" and not hasattr(type(value), name))
        else:
            fits = is_own(value) and not name.startswith("__")
        if not fits:
            raise (AttributeError if act == "get" else PermissionError)(f"{act} {name}")


# What is a mock's own: by these names it is configured, or forgets.
MOCKS_OWN = ("_", "assert_", "attach_", "configure_", "method_", "mock_", "reset_")


def is_method(value, name):
    """Whether that is what the tests have as a method."""
    kind = value if isinstance(value, type) else type(value)
    return isinstance(inspect.getattr_static(kind, name, None), (*METHODS, property)) or isinstance(value, enum.Enum)


def is_mock(value):
    mock = sys.modules.get("unittest.mock")
    return mock is not None and isinstance(value, mock.NonCallableMock)


def is_own(value):
    """A class of the tests, or an instance of one."""
    kind = value if isinstance(value, type) else type(value)
    return kind.__module__ == "__tests__" and type(kind) is not RemoteClass


class Solution(types.ModuleType):
    """The program, as tests import it."""

    def __init__(self, program, names):
        super().__init__("solution")
        self._program, self._names = program, names

    def _public(self):
        """The names that the tests do not have from Python or from elsewhere already."""
        return [name for name in here.do("public") if type(name) is str and name not in self._names and not hasattr(builtins, name)]

    def __getattr__(self, name):
        if name == "__all__":  # `from solution import *`
            return self._public()
        if name.startswith("__"):
            raise AttributeError(name)
        return own_module(name, here.do("get", self._program, name))

    def __setattr__(self, name, value):
        if name.startswith("_"):
            super().__setattr__(name, value)
        else:
            here.do("set", self._program, name, value)

    def __delattr__(self, name):
        here.do("delete", self._program, name)


def own_module(name, value):
    """Of a module that tests have from the program, their own: what tests compare with is no matter of the program."""
    is_module = is_remote(value) and value.__class__ is types.ModuleType
    if not is_module or name not in getattr(sys, "stdlib_module_names", sys.modules):
        return value
    try:
        here.surroundings.watch([__import__(name)])
    except ImportError:  # one of another system, say
        return value
    return sys.modules[name]


def shown(value, into_text):
    """What people read of a value, whatever it is."""
    try:
        return str.__getitem__(into_text(value), slice(500))
    except BaseException:  # an int of too many digits, say
        return f"<{type(value).__name__}>"


class Tests:
    """Test code, and how far it has come."""

    def __init__(self, form, source, preamble, candidate, asked, allowed):
        global here
        here = self.side = TestsSide({tuple(place) for place in allowed} if isinstance(allowed, list) else allowed)
        self.form, self.source, self.candidate = form, source, candidate
        self.passed = 0
        self.text = ""  # the test that is running
        self.module = sys.modules["__tests__"] = types.ModuleType("__tests__")
        self.names = self.module.__dict__
        exec(compile(preamble, "preamble.py", "exec"), self.names)
        self.side.share({name: kind for name, kind in self.names.items() if isinstance(kind, type) and is_own(kind)})
        self.tree = ast.parse(source)
        prepare_modules(self.tree)
        self.side.mentions_stop = re.search(r"Stop(Async)?Iteration", source) is not None
        self.side.surroundings = Surroundings(self.side, source)
        self.side.surroundings.watch(mentioned_modules(self.tree))
        found = self.begin(asked)
        self.side.returned = None
        self.names.update(found)
        self.missing = set(asked) - set(found)

    def begin(self, asked):
        """What the program has of the names that are asked for."""
        said = self.side.do("begin", list(self.side.shared), list(asked))
        if not (type(said) is tuple and len(said) == 2 and type(said[1]) is dict and is_remote(said[0])):
            raise Broken("no module and its names")
        program, found = said
        sys.modules["solution"] = Solution(program, self.names)
        return {name: own_module(name, found[name]) for name in asked if name in found}

    def run(self):
        if self.form == "statements":
            self.run_statements()
            return
        exec(compile(self.tree, TESTS, "exec"), self.names)
        if self.form == "check":
            self.names["check"](eval(self.candidate, self.names))
            self.passed = 1
            return
        runner = Runner(self.names)
        for name, test in runner.found():
            self.text = name
            test()
            self.passed += 1
        self.side.completed(runner.completed)

    def run_statements(self):
        for statement in self.tree.body:
            self.text = ast.get_source_segment(self.source, statement)
            exec(compile(ast.Module([statement], []), TESTS, "exec"), self.names)
            self.passed += isinstance(statement, ast.Assert)

    def report(self, how, what=""):
        return (how, self.passed, what, (self.text or "")[:500], [list(place) for place in self.side.shown_at])

    def judge(self, error):
        """What an exception that ended the tests says of the program."""
        its_own = error is self.side.raised or came_from_afar(error)  # before it is asked for its text
        what = f"{type(error).__name__}: {shown(error, str)}" if shown(error, str) else type(error).__name__
        if isinstance(error, Unsupported) and not self.may_be_its_doing(error):
            return self.report("unsupported", shown(error, str))
        if its_own or isinstance(error, (Broken, Unsupported)) or self.lacks(error):
            return self.report("raised", what)
        if isinstance(error, ModuleNotFoundError) and error.name in imported_modules(self.tree):
            return self.report("unsupported", f"the tests import a module that is not here: {error.name}")
        if self.form != "statements":
            self.text = " ".join(filter(None, [self.text, self.place_of(error)]))
        answer = shown(self.side.returned, repr)
        if isinstance(error, AssertionError):
            return self.report("failed", answer if self.form == "statements" else f"{answer} {shown(error, str)}".strip())
        return self.report("failed", f"{what} after {answer}")

    def may_be_its_doing(self, error):
        """Whether tests that cannot be run could be with another program: with the canonical solution they were, or what
        the program said has a part in it."""
        if self.side.allowed is False:
            return isinstance(error, Unsendable) and (self.side.answers > 1 or self.side.lent)
        return self.side.allowed is not None

    def lacks(self, error):
        """Whether the program has no such name."""
        return isinstance(error, (NameError, ImportError)) and any(f"'{name}'" in str(error) for name in self.missing)

    def place_of(self, error):
        """The innermost statement of the tests."""
        lines = [line for frame, line in traceback.walk_tb(error.__traceback__) if frame.f_code.co_filename == TESTS]
        return self.source.splitlines()[lines[-1] - 1].strip() if lines else ""


def run_tests(code):
    """Runs test code, and says how it went, how many tests passed, and what stopped them."""
    tests = None
    try:
        tests = Tests(*code)
        tests.run()
    except BaseException as error:
        if tests is None:
            how = "raised" if isinstance(error, Broken) or error is here.raised else "unsupported"
            return (how, 0, f"{type(error).__name__}: {shown(error, str)}", "", [])
        return tests.judge(error)
    return tests.report("passed") if here.asserted is None else tests.judge(here.asserted)
