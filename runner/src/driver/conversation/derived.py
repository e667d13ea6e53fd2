# Classes that tests derive from a program's: made over there, of functions that stay here.
# Not here: stand-ins of a program's own classes (`objects.py`).

# What Python adds to the body of each class.
ADDED = frozenset({"__module__", "__qualname__", "__classcell__", "__firstlineno__", "__static_attributes__", "__annotate__", "__annotate_func__", "__annotations_cache__"})
derived = []  # such classes, while there are any: `super` then leads past what a stand-in's own class has


def derive(name, bases, members, keywords):
    """The stand-in of a new class."""
    if here.is_program or not all(type(base) is RemoteClass or here.known_place(base) for base in bases):
        raise Unsupported(f"a class {name} derived from some on both sides")
    case = getattr(sys.modules.get("unittest"), "TestCase", ())
    if any(key.startswith("test") for key in members) and (name.startswith("Test") or any(isinstance(base, type) and issubclass(base, case) for base in bases)):
        raise Unsupported(f"the tests in {name} are in a class of the program's")
    body = {key: member_parts(value) for key, value in members.items() if key not in ADDED}
    kind = here.do("derive", name, list(bases), body, **keywords)
    if type(kind) is not RemoteClass:
        raise Broken("a class that is none")
    if "__classcell__" in members:
        members["__classcell__"].cell_contents = kind
    derived.append(kind)
    return kind


def member_parts(value):
    if isinstance(value, types.FunctionType):
        return ["function", value, getattr(value, "__isabstractmethod__", False), value.__name__, value.__doc__]
    if isinstance(value, (staticmethod, classmethod)):
        return [type(value).__name__, value.__func__]
    if isinstance(value, property):
        return ["property", value.fget, value.fset, value.fdel]
    return ["value", value]


def make_derived(name, bases, body, /, **keywords):
    """The class itself, where those are that it comes from."""
    members = {key: make_member(*parts) for key, parts in body.items()}
    members["__module__"] = "__tests__"
    return types.new_class(name, tuple(bases), keywords, lambda names: names.update(members))


def make_member(how, value, *rest):
    if how == "function":
        return function_of(value, *rest)
    if how in ("staticmethod", "classmethod"):
        return getattr(builtins, how)(function_of(value))
    return property(value, *rest) if how == "property" else value


def function_of(stand_in, is_abstract=False, name=None, text=None):
    def function(*arguments, **keywords):
        return stand_in(*arguments, **keywords)

    function.__isabstractmethod__ = is_abstract
    function.__name__, function.__doc__ = name or "function", text
    return function


def is_overridden(value, name, owner):
    """Whether the class of an object has its own of what it has from another class too."""
    return bool(derived) and next((kind for kind in type(value).__mro__ if name in kind.__dict__), owner) is not owner


class Initializer:
    """`__init__` of a class of stand-ins, for `super`."""

    def __set_name__(self, owner, name):
        self.owner = owner

    def __get__(self, value, kind):
        if value is None:
            return object.__init__
        return lambda *arguments, **keywords: here.do("method", self.owner, "__init__", value, *arguments, **keywords)
