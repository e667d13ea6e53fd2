# What tests import that need not be there: the parts of pytest that test code uses, and of numpy what HumanEval's tests do.
# Of pytest there is always this, so that a verdict does not depend on what is installed; numpy is the host's where it has it.


def imported_modules(tree):
    """The modules that a piece of code imports, and the packages they are in."""
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module}
    return {".".join(name.split(".")[: at + 1]) for name in names for at in range(name.count(".") + 1)}


def prepare_modules(tree):
    """Puts in place what the tests import."""
    imported = imported_modules(tree)
    if "pytest" in imported:
        sys.modules["pytest"] = pytest_stand_in()
    if "numpy" in imported:
        try:
            import numpy
        except ImportError:
            sys.modules["numpy"] = numpy_stand_in()


class Failed(AssertionError):
    """pytest.fail, and an exception that was expected and did not come."""


class Skipped(Exception):
    """pytest.skip: the test says nothing."""


class Raises:
    """pytest.raises."""

    def __init__(self, expected, match=None):
        self.expected, self.pattern = expected, match
        self.value = self.type = self.tb = None

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        if kind is None:
            raise Failed(f"DID NOT RAISE {self.expected}")
        if not isinstance(error, self.expected):
            return False
        self.type, self.value, self.tb = kind, error, trace
        return self.pattern is None or self.match(self.pattern)

    def match(self, pattern):
        if not re.search(pattern, str(self.value)):
            raise Failed(f"{str(self.value)!r} does not match {pattern!r}")
        return True


def raises(expected, *arguments, match=None, **keywords):
    context = Raises(expected, match)
    if not arguments:
        return context
    with context:
        arguments[0](*arguments[1:], **keywords)
    return context


class Approx:
    """pytest.approx: numbers within 1e-6 of the expected, or 1e-12 where that is more; also one by one in lists, tuples
    and dicts."""

    __hash__ = None
    __array_ufunc__ = None

    def __init__(self, expected, rel=None, abs=None, nan_ok=False):
        self.expected, self.rel, self.abs, self.nan_ok = expected, rel, abs, nan_ok

    def __repr__(self):
        return f"approx({self.expected!r})"

    def __eq__(self, actual):
        return self.fits(self.expected, actual)

    def fits(self, expected, actual):
        actual = plain(actual)
        if isinstance(expected, dict):
            return isinstance(actual, dict) and expected.keys() == actual.keys() and all(self.fits(expected[key], actual[key]) for key in expected)
        if hasattr(expected, "tolist"):
            return self.fits(expected.tolist(), actual.tolist() if hasattr(actual, "tolist") else actual)
        if isinstance(expected, (list, tuple)):
            return isinstance(actual, (list, tuple)) and len(expected) == len(actual) and all(map(self.fits, expected, actual))
        if isinstance(expected, bool) or not isinstance(expected, (int, float, complex, decimal.Decimal, fractions.Fraction)):
            return expected == actual
        if isinstance(actual, bool) or not isinstance(actual, (int, float, complex, decimal.Decimal, fractions.Fraction)):
            return False
        if expected == actual:
            return True
        if expected != expected:
            return self.nan_ok and actual != actual
        if abs(expected) == math.inf or abs(actual) == math.inf:
            return False
        kind = decimal.Decimal if isinstance(expected, decimal.Decimal) else float
        relative = kind("1e-6") if self.rel is None and self.abs is None else kind(self.rel or 0)
        absolute = kind("1e-12") if self.abs is None else kind(self.abs)
        return abs(expected - actual) <= max(relative * abs(expected), absolute)


def plain(value):
    """What is compared of an instance of a program's own class derived from a built-in one: what it is, not what it says."""
    base = plain_base(type(value)) if is_remote(value) and not isinstance(value, type) else None
    if base is None or base is BaseException:
        return value
    return here.do("plain", value) if base in CHANGING else PLAIN_PARTS[base](value)


class Mark:
    """pytest.mark: `parametrize` and the skips mean something here, all others nothing."""

    def __getattr__(self, name):
        def decorate(*arguments, **keywords):
            if len(arguments) == 1 and not keywords and callable(arguments[0]) and name != "parametrize":
                return mark(arguments[0], name, (), {})
            return lambda test: mark(test, name, arguments, keywords)

        return decorate


def mark(test, name, arguments, keywords):
    test.trialbox_marks = [*getattr(test, "trialbox_marks", ()), (name, arguments, keywords)]
    return test


def fixture(*arguments, **keywords):
    def decorate(function):
        function.trialbox_fixture = keywords.get("name") or function.__name__
        function.trialbox_autouse = keywords.get("autouse", False)
        function.trialbox_params = keywords.get("params")
        return function

    return decorate(arguments[0]) if arguments and callable(arguments[0]) else decorate


def fail(reason="", pytrace=True, msg=None):
    raise Failed(reason or msg or "")


def skip(reason="", **keywords):
    raise Skipped(reason)


def pytest_stand_in():
    module = types.ModuleType("pytest")
    module.raises, module.approx, module.mark, module.fixture = raises, Approx, Mark(), fixture
    module.fail, module.skip, module.main = fail, skip, lambda *arguments, **keywords: 0
    module.param = lambda *values, **keywords: values if len(values) != 1 else values[0]
    module.importorskip = __import__
    module.ExceptionInfo, module.MonkeyPatch, module.CaptureFixture = Raises, MonkeyPatch, Captured
    return module


class Captured:
    """The fixture `capsys`."""

    def __init__(self):
        self.before = sys.stdout, sys.stderr
        self.renew()

    def renew(self):
        sys.stdout, sys.stderr = self.out, self.err = io.StringIO(), io.StringIO()

    def readouterr(self):
        texts = types.SimpleNamespace(out=self.out.getvalue(), err=self.err.getvalue())
        self.renew()
        return texts

    def undo(self):
        sys.stdout, sys.stderr = self.before


class MonkeyPatch:
    """The fixture `monkeypatch`, for what the tests themselves have."""

    def __init__(self):
        self.undone = []

    def setattr(self, target, name, value=None, raising=True):
        if isinstance(target, str):
            (path, _, attribute), value = target.rpartition("."), name
            target, name = __import__(path, fromlist=["_"]), attribute
        old = getattr(target, name)
        self.undone.append(lambda: setattr(target, name, old))
        setattr(target, name, value)

    def setitem(self, mapping, key, value):
        old = dict(mapping)
        self.undone.append(lambda: (mapping.clear(), mapping.update(old)))
        mapping[key] = value

    def setenv(self, name, value, prepend=None):
        self.setitem(os.environ, name, value)

    def undo(self):
        while self.undone:
            self.undone.pop()()


def temporary_folder():
    tempfile, pathlib = __import__("tempfile"), __import__("pathlib")
    return pathlib.Path(tempfile.mkdtemp())


BUILT_IN_FIXTURES = {"capsys": Captured, "monkeypatch": MonkeyPatch, "tmp_path": temporary_folder}


class Fixtures:
    """The fixtures of one test."""

    def __init__(self, names, owner):
        sources = [*names.values(), *(getattr(owner, name) for name in dir(owner) if owner is not None)]
        sources = [source for source in sources if isinstance(source, (types.FunctionType, types.MethodType)) and not is_remote(source)]
        self.known = {source.trialbox_fixture: source for source in sources if hasattr(source, "trialbox_fixture")}
        self.values, self.generators, self.undone = {}, [], []
        for name, source in self.known.items():
            if source.trialbox_autouse:
                self.value(name)

    def value(self, name):
        if name not in self.values:
            self.values[name] = self.make(name)
        return self.values[name]

    def make(self, name):
        if name not in self.known:
            if name not in BUILT_IN_FIXTURES:
                raise Unsupported(f"the tests use a fixture {name}")
            value = BUILT_IN_FIXTURES[name]()
            if hasattr(value, "undo"):
                self.undone.append(value.undo)
            return value
        source = self.known[name]
        if source.trialbox_params is not None:
            raise Unsupported(f"the fixture {name} has parameters")
        value = source(**self.arguments(source))
        if isinstance(value, types.GeneratorType):
            self.generators.append(value)
            value = next(value)
        return value

    def arguments(self, function, given=()):
        return {name: self.value(name) for name in inspect.signature(function).parameters if name not in given}

    def close(self):
        for undo in self.undone:
            undo()
        for generator in reversed(self.generators):
            next(generator, None)


def parameter_sets(test):
    """The arguments of each call of a test."""
    sets = [{}]
    for name, arguments, _ in getattr(test, "trialbox_marks", ()):
        if name == "parametrize":
            names, values = arguments[0], arguments[1]
            names = [part.strip() for part in names.split(",")] if isinstance(names, str) else list(names)
            bound = [dict(zip(names, value if len(names) > 1 else (value,))) for value in values]
            sets = [{**before, **more} for more in bound for before in sets]
    return sets


def is_skipped(test):
    marks = getattr(test, "trialbox_marks", ())
    return any(name in ("skip", "xfail") or name == "skipif" and arguments and arguments[0] for name, arguments, _ in marks)


def found_tests(names):
    """The tests of a module as pytest finds them: functions `test*`, methods `test*` of classes `Test*`."""
    for name, value in list(names.items()):
        if type(value) is types.FunctionType and name.startswith("test"):
            yield name, lambda value=value: run_test(value, names)
        elif isinstance(value, type) and type(value) is not RemoteClass and is_own(value):
            yield from found_methods(name, value, names)


def found_methods(name, kind, names):
    """The tests of a class, and what is to be done before and after all of them."""
    unittest = sys.modules.get("unittest")
    is_case = unittest is not None and issubclass(kind, unittest.TestCase)
    if not is_case and not name.startswith("Test"):
        return
    before, after = ("setUpClass", "tearDownClass") if is_case else ("setup_class", "teardown_class")
    call(getattr(kind, before, None))
    for method in dir(kind):
        if method.startswith("test") and callable(getattr(kind, method)):
            yield f"{name}.{method}", lambda method=method: run_method(kind, method, names, is_case)
    call(getattr(kind, after, None))


def run_method(kind, method, names, is_case):
    if is_skipped(getattr(kind, method)):
        return
    before, after = ("setUp", "tearDown") if is_case else ("setup_method", "teardown_method")
    for given in parameter_sets(getattr(kind, method)):
        owner = kind(method) if is_case else kind()
        call(getattr(owner, before, None))
        try:
            run_once(getattr(owner, method), names, owner, given)
        finally:
            call(getattr(owner, after, None))


def call(function):
    if function is not None:
        function(*[None] * len(inspect.signature(function).parameters))


def run_test(test, names):
    if is_skipped(test):
        return
    for given in parameter_sets(test):
        run_once(test, names, None, given)


def run_once(test, names, owner, given):
    fixtures = Fixtures(names, owner)
    try:
        test(**given, **fixtures.arguments(test, given))
    except Skipped:
        pass
    finally:
        fixtures.close()


def numpy_stand_in():
    """What the tests of HumanEval use of numpy, for hosts that have none. Programs on such a host return no arrays."""
    module = types.ModuleType("numpy")

    class ndarray:
        pass

    def allclose(actual, expected, rtol=1e-05, atol=1e-08):
        actual, expected = plain(actual), plain(expected)
        if isinstance(expected, (list, tuple)) or isinstance(actual, (list, tuple)):
            both = [side if isinstance(side, (list, tuple)) else None for side in (actual, expected)]
            if None in both:
                several, single = (actual, expected) if both[0] is not None else (expected, actual)
                pairs = [(part, single) if both[0] is not None else (single, part) for part in several]
            elif len(actual) != len(expected):
                raise ValueError("operands could not be broadcast together")
            else:
                pairs = zip(actual, expected)
            return all(allclose(*pair, rtol=rtol, atol=atol) for pair in pairs)
        for side in (actual, expected):
            if not isinstance(side, (bool, int, float, complex)):
                raise TypeError("ufunc 'isfinite' not supported for the input types")
        if actual == expected:
            return True
        return abs(actual - expected) <= atol + rtol * abs(expected) and abs(expected) != math.inf

    module.ndarray, module.allclose = ndarray, allclose
    module.float64, module.float32 = float, float
    return module
