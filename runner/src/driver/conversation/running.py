# Finds the tests of a module as pytest does, and runs them.
# Not here: fixtures (`fixtures.py`), what came of the tests (`tests.py`).


def parameter_sets(marks):
    """The arguments of each call of a test, and the names among them that are for fixtures."""
    sets, indirect = [({}, [])], set()
    for name, arguments, keywords in marks:
        if name != "parametrize":
            continue
        names, values, through = parametrize(*arguments, **keywords)
        names = [part.strip() for part in names.split(",") if part.strip()] if isinstance(names, str) else list(names)
        bound = [(dict(zip(names, row)), more) for row, more in (values_of(value, len(names)) for value in values)]
        sets = [({**before, **row}, [*marked, *more]) for row, more in bound for before, marked in sets]
        indirect.update(names if through is True else through or ())
    return [given for given, marked in sets if not tells_nothing(marked)], indirect


def parametrize(argnames, argvalues, indirect=False, ids=None, scope=None):
    return argnames, list(argvalues), indirect


def values_of(value, count):
    if isinstance(value, Parameters):
        return value.values, value.marks
    return (value if count > 1 else (value,)), []


class Runner:
    """The tests of one module."""

    def __init__(self, names):
        self.names = names
        self.kept = {}  # what fixtures made for several tests
        self.completed = 0  # how many tests ran to their end, each of their parameters counted

    def found(self):
        """Name of each test, and how to run it: functions `test*`, methods `test*` of classes `Test*`."""
        call(self.names.get("setup_module") or self.names.get("setUpModule"))
        for name, value in list(self.names.items()):
            if type(value) is types.FunctionType and name.startswith("test"):
                yield name, lambda value=value: self.run_function(value)
            elif isinstance(value, type) and type(value) is not RemoteClass and is_own(value):
                yield from self.found_methods(name, value)
        for _, _, undone in reversed(list(self.kept.values())):
            for act in undone:
                act()
        call(self.names.get("teardown_module") or self.names.get("tearDownModule"))

    def found_methods(self, name, kind):
        """The tests of a class, and what is to be done before and after all of them."""
        unittest = sys.modules.get("unittest")
        is_case = unittest is not None and issubclass(kind, unittest.TestCase)
        if not is_case and not name.startswith("Test") or getattr(kind, "__unittest_skip__", False):
            return
        before, after = ("setUpClass", "tearDownClass") if is_case else ("setup_class", "teardown_class")
        call(getattr(kind, before, None))
        for method in sorted(methods_of(kind)) if is_case else methods_of(kind):
            yield f"{name}.{method}", lambda method=method: self.run_method(kind, method, is_case)
        call(getattr(kind, after, None))
        if is_case:
            kind.doClassCleanups()

    def run_function(self, test):
        before, after = self.names.get("setup_function"), self.names.get("teardown_function")
        self.run_all(test, marks_of(self.module_marks(), test), None, lambda: (None, test, before, after))

    def run_method(self, kind, method, is_case):
        def prepare():
            owner = kind(method) if is_case else kind()
            before, after = ("setUp", "tearDown") if is_case else ("setup_method", "teardown_method")
            return owner, getattr(owner, method), getattr(owner, before, None), getattr(owner, after, None)

        test = getattr(kind, method)
        if not getattr(test, "__unittest_skip__", False) and not getattr(test, "__unittest_expecting_failure__", False):
            self.run_all(test, marks_of(self.module_marks(), kind, test), kind, prepare)

    def module_marks(self):
        marks = self.names.get("pytestmark", ())
        marks = marks if isinstance(marks, (list, tuple)) else [marks]
        own = [one for one in marks if isinstance(one, (Mark, Marked))]
        return types.SimpleNamespace(trialbox_marks=[(one.name, getattr(one, "arguments", ()), {}) for one in own])

    def run_all(self, test, marks, kind, prepare):
        """Runs a test with each set of its parameters and each of those of its fixtures."""
        if tells_nothing(marks):
            return
        sets, indirect = parameter_sets(marks)
        used = [name for mark, names, _ in marks if mark == "usefixtures" for name in names]
        for given in sets:
            for of_fixtures in self.fixture_sets([*asked_for(test), *used], given, kind):
                through = {name: given[name] for name in indirect if name in given}
                self.run_once({name: value for name, value in given.items() if name not in through}, {**of_fixtures, **through}, used, prepare)

    def fixture_sets(self, asked, given, kind):
        """The parameters of the fixtures that are asked for, in each combination."""
        known = known_fixtures(self.names, kind)
        left, parameters = [*asked, *(name for name, source in known.items() if source.trialbox_autouse)], {}
        while left:
            name = left.pop()
            if name in known and name not in parameters:
                parameters[name] = known[name].trialbox_params
                left += asked_for(known[name])
        names = [name for name, values in parameters.items() if values is not None and name not in given]
        return [dict(zip(names, values)) for values in itertools.product(*(sequence(parameters[name]) for name in names))]

    def run_once(self, given, of_fixtures, used, prepare):
        owner, test, before, after = prepare()
        fixtures = Fixtures(self.names, owner, test.__name__, of_fixtures, self.kept)
        try:
            call(before)
            for name in used:
                fixtures.value(name)
            result = test(**given, **fixtures.arguments(test, given))
            if inspect.iscoroutine(result):
                __import__("asyncio").run(result)
            self.completed += 1
        except (Skipped, *case_skips()) as error:
            if came_from_afar(error):
                raise
        finally:
            try:
                call(after)
                if hasattr(owner, "doCleanups"):
                    owner.doCleanups()
            finally:
                fixtures.close()


def sequence(parameters):
    return [value.values[0] if isinstance(value, Parameters) else value for value in parameters if not (isinstance(value, Parameters) and tells_nothing(value.marks))]


def came_from_afar(error):
    """Whether the program raised it."""
    return any(frame.f_code is Side.do.__code__ for frame, _ in traceback.walk_tb(error.__traceback__))


def case_skips():
    unittest = sys.modules.get("unittest")
    return [] if unittest is None else [unittest.SkipTest]


def methods_of(kind):
    """The tests of a class, as they were written down."""
    names = dict.fromkeys(name for base in reversed(kind.__mro__) for name in vars(base))
    return [name for name in names if name.startswith("test") and callable(getattr(kind, name))]


def call(function):
    if function is not None:
        result = function(*[None] * len(inspect.signature(function).parameters))
        if inspect.iscoroutine(result):
            __import__("asyncio").run(result)
