# What tests import that need not be there: pytest (`pytest_parts.py`), of which there is always ours, so that a verdict does
# not depend on what is installed; and of numpy what HumanEval's tests use, for hosts that have none.


def imported_modules(tree):
    """The modules that a piece of code imports, and the packages they are in."""
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module}
    return {".".join(name.split(".")[: at + 1]) for name in names for at in range(name.count(".") + 1)}


def mentioned_modules(tree):
    """Those of the standard library that a piece of code may patch, by what it imports and by the texts in it."""
    texts = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str) and len(node.value) < 100}
    names = {text.rpartition(".")[0] for text in texts} | imported_modules(tree) | {"builtins", "sys", "os", "random", "time"}
    return [sys.modules[name] for name in sorted(names) if name.split(".")[0] in STANDARD and name in sys.modules]


STANDARD = frozenset(getattr(sys, "stdlib_module_names", sys.builtin_module_names)) | {"os", "random"}


def prepare_modules(tree):
    """Puts in place what the tests import."""
    imported = imported_modules(tree)
    if "dataclasses" in imported:
        for name in ("asdict", "astuple", "replace"):
            setattr(dataclasses, name, over_there(name, getattr(dataclasses, name)))
    if "pytest" in imported:
        sys.modules["pytest"] = pytest_stand_in()
    if "numpy" in imported:
        try:
            import numpy
        except ImportError:
            sys.modules["numpy"] = numpy_stand_in()


def over_there(name, function):
    """A function of `dataclasses`, which for an object of the program is called where its fields are."""

    @functools.wraps(function)
    def called(value, /, *arguments, **keywords):
        if is_remote(value):
            return here.do("dataclass", value, name, *arguments, **keywords)
        return function(value, *arguments, **keywords)

    return called


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
