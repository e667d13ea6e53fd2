# The parts of pytest that test code uses by name.
# Not here: fixtures (`fixtures.py`), finding and running tests (`running.py`).


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

    @property
    def typename(self):
        return self.type.__name__

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
        expected, actual = plain(expected), plain(actual)
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


class Warns(Raises):
    """pytest.warns."""

    def __init__(self, expected=Warning, match=None):
        super().__init__(expected, match)
        self.catching = warnings.catch_warnings(record=True)

    def __enter__(self):
        self.list = self.catching.__enter__()
        warnings.simplefilter("always")
        here.do("warnings", True)
        return self.list

    def __exit__(self, kind, error, trace):
        told = here.do("warnings", False)
        self.catching.__exit__(kind, error, trace)
        if kind is None:
            found = [warning.message for warning in self.list] + (told if type(told) is list else [])
            fits = [warning for warning in found if isinstance(warning, self.expected) and re.search(self.pattern or "", str(warning))]
            if not fits:
                raise Failed(f"DID NOT WARN {self.expected}")
        return False


def warns(expected=Warning, *arguments, match=None, **keywords):
    context = Warns(expected, match)
    if not arguments:
        return context
    with context:
        return arguments[0](*arguments[1:], **keywords)


class Mark:
    """pytest.mark: `parametrize`, `usefixtures` and the skips mean something here, all others nothing."""

    def __init__(self, name=None):
        self.name = name

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return Mark(name)

    def __call__(self, *arguments, **keywords):
        if len(arguments) == 1 and not keywords and is_test(arguments[0]) and self.name != "parametrize":
            return mark(arguments[0], self.name, (), {})
        return Marked(self.name, arguments, keywords)


class Marked:
    """A mark with its arguments: a decorator, or a mark of parameters."""

    def __init__(self, name, arguments, keywords):
        self.name, self.arguments, self.keywords = name, arguments, keywords

    def __call__(self, test):
        return mark(test, self.name, self.arguments, self.keywords)


def is_test(value):
    return isinstance(value, (types.FunctionType, type)) and not is_remote(value)


def mark(test, name, arguments, keywords):
    test.trialbox_marks = [*getattr(test, "trialbox_marks", ()), (name, arguments, keywords)]
    return test


def marks_of(*marked):
    return [one for owner in marked for one in getattr(owner, "trialbox_marks", ())]


def tells_nothing(marks):
    """Whether a test with these marks says nothing of a program, as it is skipped or may fail."""
    return any(name in ("skip", "xfail") or name == "skipif" and arguments and arguments[0] for name, arguments, _ in marks)


class Parameters:
    """pytest.param."""

    def __init__(self, *values, id=None, marks=()):
        self.values = values
        marks = marks if isinstance(marks, (list, tuple)) else [marks]
        self.marks = [(one.name, getattr(one, "arguments", ()), {}) for one in marks]


def fail(reason="", pytrace=True, msg=None):
    raise Failed(reason or msg or "")


def skip(reason="", **keywords):
    raise Skipped(reason)


def pytest_stand_in():
    module = types.ModuleType("pytest")
    module.raises, module.warns, module.approx, module.mark, module.fixture = raises, warns, Approx, Mark(), fixture
    module.deprecated_call = lambda *arguments, **keywords: warns(DeprecationWarning, *arguments, **keywords)
    module.fail, module.skip, module.xfail, module.main = fail, skip, skip, lambda *arguments, **keywords: 0
    module.param, module.importorskip = Parameters, lambda name, *rest, **keywords: __import__(name, fromlist=["_"])
    module.ExceptionInfo, module.MonkeyPatch, module.CaptureFixture = Raises, MonkeyPatch, Captured
    module.FixtureRequest, module.LogCaptureFixture = Request, object
    fail.Exception, skip.Exception = Failed, Skipped
    return module
