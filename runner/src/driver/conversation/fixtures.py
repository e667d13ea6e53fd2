# Fixtures of pytest: those of the tests and those that it has of its own.
# Not here: the rest of pytest (`pytest_parts.py`), running tests (`running.py`).


def fixture(*arguments, **keywords):
    def decorate(function):
        function.trialbox_fixture = keywords.get("name") or function.__name__
        function.trialbox_autouse = keywords.get("autouse", False)
        function.trialbox_params = keywords.get("params")
        function.trialbox_is_kept = keywords.get("scope", "function") != "function"
        return function

    return decorate(arguments[0]) if arguments and callable(arguments[0]) else decorate


CaptureResult = collections.namedtuple("CaptureResult", "out err")


class Captured:
    """The fixture `capsys`."""

    def __init__(self):
        self.before = sys.stdout, sys.stderr
        self.renew()

    def renew(self):
        sys.stdout, sys.stderr = self.out, self.err = io.StringIO(), io.StringIO()

    def readouterr(self):
        texts = CaptureResult(self.out.getvalue(), self.err.getvalue())
        self.renew()
        return texts

    @contextlib.contextmanager
    def disabled(self):
        now, (sys.stdout, sys.stderr) = (sys.stdout, sys.stderr), self.before
        yield
        sys.stdout, sys.stderr = now

    def undo(self):
        sys.stdout, sys.stderr = self.before


MISSING = object()


class MonkeyPatch:
    """The fixture `monkeypatch`. What a program has too of what is patched, `surroundings.py` sees."""

    def __init__(self):
        self.undone = []

    def setattr(self, target, name, value=MISSING, raising=True):
        if value is MISSING:
            value, (target, name) = name, owner_of(target)
        old = getattr(target, name, MISSING)
        if old is MISSING and raising:
            raise AttributeError(f"{target!r} has no attribute {name!r}")
        if isinstance(target, type) and not is_remote(target):
            old = target.__dict__.get(name, MISSING)  # a static method, say
        self.undone.append(lambda: delattr(target, name) if old is MISSING else setattr(target, name, old))
        setattr(target, name, value)

    def delattr(self, target, name=MISSING, raising=True):
        target, name = owner_of(target) if name is MISSING else (target, name)
        old = getattr(target, name, MISSING)
        if old is not MISSING or raising:
            delattr(target, name)
            self.undone.append(lambda: setattr(target, name, old))

    def keep(self, mapping):
        old = dict(mapping)
        self.undone.append(lambda: (mapping.clear(), mapping.update(old)))

    def setitem(self, mapping, key, value):
        self.keep(mapping)
        mapping[key] = value

    def delitem(self, mapping, key, raising=True):
        self.keep(mapping)
        if raising or key in mapping:
            del mapping[key]

    def setenv(self, name, value, prepend=None):
        self.setitem(os.environ, name, f"{value}{prepend}{os.environ[name]}" if prepend and name in os.environ else str(value))

    def delenv(self, name, raising=True):
        self.delitem(os.environ, name, raising)

    def syspath_prepend(self, path):
        pass

    def chdir(self, path):
        before = os.getcwd()
        self.undone.append(lambda: os.chdir(before))
        os.chdir(path)

    @classmethod
    @contextlib.contextmanager
    def context(cls):
        patch = cls()
        try:
            yield patch
        finally:
            patch.undo()

    def undo(self):
        while self.undone:
            self.undone.pop()()


def owner_of(path):
    """The object that has what a path of names leads to, and the last name."""
    first, *names = path.split(".")
    found = __import__(first)
    for at, name in enumerate(names[:-1], 1):
        if not hasattr(found, name):
            __import__(".".join([first, *names[:at]]))
        found = getattr(found, name)
    return found, names[-1]


def temporary_folder():
    tempfile, pathlib = __import__("tempfile"), __import__("pathlib")
    return pathlib.Path(tempfile.mkdtemp())


class Request:
    """The fixture `request`."""

    def __init__(self, fixtures, parameter=MISSING):
        self._fixtures = fixtures
        if parameter is not MISSING:
            self.param = parameter
        self.node = types.SimpleNamespace(name=fixtures.test)
        self.cls, self.instance = type(fixtures.owner), fixtures.owner

    def getfixturevalue(self, name):
        return self._fixtures.value(name)

    def addfinalizer(self, act):
        self._fixtures.undone.append(act)


BUILT_IN_FIXTURES = {"capsys": Captured, "capfd": Captured, "monkeypatch": MonkeyPatch, "tmp_path": temporary_folder}


class Fixtures:
    """The fixtures of one test: its parameters, what is made for it, and what was made for those before it."""

    def __init__(self, names, owner, test, given, kept):
        self.owner, self.test = owner, test
        self.known = known_fixtures(names, owner)
        self.given = given  # parameters of fixtures
        self.kept = kept  # by name, with what it was made with
        self.values, self.undone = {}, []
        for name, source in self.known.items():
            if source.trialbox_autouse:
                self.value(name)

    def value(self, name):
        if name not in self.values:
            self.values[name] = self.make(name)
        return self.values[name]

    def make(self, name):
        if name == "request":
            return Request(self)
        if name not in self.known:
            if name not in BUILT_IN_FIXTURES:
                raise Unsupported(f"the tests use a fixture {name}")
            value = BUILT_IN_FIXTURES[name]()
            if hasattr(value, "undo"):
                self.undone.append(value.undo)
            return value
        source = self.known[name]
        if not source.trialbox_is_kept:
            return self.call(source, name, self.undone)
        parameter = id(self.given.get(name))
        if name not in self.kept or self.kept[name][0] != parameter:
            undone = []
            self.kept[name] = (parameter, self.call(source, name, undone), undone)
        return self.kept[name][1]

    def call(self, source, name, undone):
        arguments = self.arguments(source)
        if "request" in arguments:
            arguments["request"] = Request(self, self.given.get(name, MISSING))
        value = source(**arguments)
        if isinstance(value, types.GeneratorType):
            undone.append(lambda: next(value, None))
            return next(value)
        return value

    def arguments(self, function, given=()):
        return {name: self.value(name) for name in asked_for(function) if name not in given}

    def close(self):
        while self.undone:
            self.undone.pop()()


def known_fixtures(names, owner):
    sources = [*names.values(), *(getattr(owner, name, None) for name in dir(owner) if owner is not None)]
    sources = [source for source in sources if isinstance(source, (types.FunctionType, types.MethodType)) and not is_remote(source)]
    return {source.trialbox_fixture: source for source in sources if hasattr(source, "trialbox_fixture")}


def asked_for(function):
    """The names of a test's parameters that fixtures give: none that has a default, and none that `mock.patch` gives."""
    mock = sys.modules.get("unittest.mock")
    patched = [one for one in getattr(function, "patchings", ()) if one.attribute_name is None and one.new is mock.DEFAULT]
    parameters = inspect.signature(function).parameters.values()
    names = [one.name for one in parameters if one.default is one.empty and one.kind in (one.POSITIONAL_OR_KEYWORD, one.KEYWORD_ONLY)]
    return names[len(patched) :]
