# Objects that stay where they are: functions, generators, instances of a program's own classes. The other side holds a
# stand-in for one, and what is done to it is done to the object.
# Not here: operations on them (`operations.py`), values that travel (`values.py`), the words that pass (`side.py`).


# Of an instance of a class derived from one of these, its value travels too; and so do an exception's arguments.
PLAIN_PARTS = {
    int: int.__int__, float: float.__float__, complex: lambda value: complex(value.real, value.imag), str: str.__str__,
    bytes: lambda value: bytes.__getitem__(value, slice(None)), tuple: lambda value: tuple.__getitem__(value, slice(None)),
    list: lambda value: list.__getitem__(value, slice(None)), dict: dict.copy, set: lambda value: set().union(value),
    frozenset: lambda value: frozenset().union(value), BaseException: lambda value: value.args,
}
METHODS = (types.FunctionType, classmethod, staticmethod, types.MethodDescriptorType, types.ClassMethodDescriptorType, functools.partialmethod, functools.singledispatchmethod, type(functools.lru_cache(len)))


def own_names(kind):
    """Name and value of what a class and those it comes from define, those apart of which instances travel."""
    return [pair for base in kind.__mro__ if base is not object and not is_plain(base) for pair in base.__dict__.items()]


def is_plain(kind):
    """Whether it is a built-in class of which both sides know all: what its own methods say of an instance, they say of
    the value that travels."""
    return kind.__module__ == "builtins" and issubclass(kind, tuple(PLAIN_PARTS))


def plain_base(kind):
    return next((base for base in kind.__mro__ if base in PLAIN_PARTS), None)


def place_of(value):
    """Module and name by which a class or function is found by everybody; None for one of the program's or the tests'."""
    module, name = getattr(value, "__module__", None), getattr(value, "__name__", None)
    found = module not in OWN_MODULES and module in sys.modules and isinstance(name, str)
    return (module, name) if found and getattr(sys.modules[module], name, None) is value else None


OWN_MODULES = {"__main__", "__tests__", "solution"}


# What may be asked of an object by a name with two underscores. Whatever else has such a name is how Python and libraries
# written in C ask an object for its part in their own work: `__array_function__`, say, hands over whole comparisons.
TOLD = frozenset(
    f"__{name}__"
    for name in "name qualname doc module dict annotations defaults kwdefaults code closure wrapped signature self func version "
    "slots match_args members dataclass_fields dataclass_params mro bases init cause context notes type_params".split()
)


def ask(value, name):
    """An attribute of an object over there."""
    if name.startswith("__") and name.endswith("__"):
        if name not in TOLD:
            raise AttributeError(f"there is no {name!r}")
    elif not here.may_touch(name):
        raise AttributeError(f"{type(value).__name__!r} object has no attribute {name!r}")
    return here.do("get", value, name)


class RemoteClass(type):
    """The class of stand-ins, and itself the stand-in of a class."""

    def __new__(kind, name, bases, members, **keywords):
        return derive(name, bases, members, keywords)

    def __init__(kind, name, bases, members, **keywords):
        pass

    def __call__(self, /, *arguments, **keywords):
        if len(arguments) == 3 and type(arguments[1]) is tuple and any(type(type(base)) is RemoteClass for base in arguments[1]):
            raise TypeError("a class derived from what is no class")
        return here.do("special", self, "__call__", *arguments, **keywords)

    def __getattr__(self, name):
        return ask(self, name)

    def __setattr__(self, name, value):
        if type(value) is Method:  # as `mock.patch` puts back what it found in `__dict__`
            here.do("reset", self, name)
        else:
            here.do("set", self, name, value)

    def __dir__(self):
        return here.do("dir", self)

    def __iter__(self):
        return here.do("special", self, "__iter__")

    def __len__(self):
        return here.do("special", self, "__len__")

    def __getitem__(self, key):
        return here.do("special", self, "__getitem__", key)


class Remote:
    """A stand-in."""

    __dict__ = property(lambda self: here.do("get", self, "__dict__"))  # `vars`

    def __getattr__(self, name):
        return ask(self, name)

    def __setattr__(self, name, value):
        here.do("set", self, name, value)

    def __delattr__(self, name):
        here.do("delete", self, name)

    def __repr__(self):
        return f"<{type(self).__name__}>"

    def __dir__(self):
        return here.do("dir", self)

    def __copy__(self):
        return here.do("copy", self)

    def __deepcopy__(self, known):
        return here.do("deepcopy", self)


class Told:
    """What a class of stand-ins has for an attribute that every class has."""

    def __init__(self, name):
        self.name = name

    def __get__(self, value, kind):
        return here.do("get", kind if value is None else value, self.name)


class Method:
    """What a class of stand-ins has for a method."""

    def __init__(self, name):
        self.name = name

    def __set_name__(self, owner, name):
        self.owner = owner

    def __get__(self, value, kind):
        if value is None:
            return ask(kind, self.name)
        if not here.may_touch(self.name):
            raise AttributeError(f"{kind.__name__!r} object has no attribute {self.name!r}")
        if is_overridden(value, self.name, self.owner):
            return functools.partial(here.do, "method", self.owner, self.name, value)
        return RemoteMethod(value, self.name)


class RemoteMethod:
    """A method of an object over there."""

    def __init__(self, value, name):
        self.__self__, self.__name__ = value, name

    def __call__(self, /, *arguments, **keywords):
        return here.do("method", self.__self__, self.__name__, *arguments, **keywords)


class Foreign:
    """Stands in for a value that cannot be sent. It is equal to nothing but itself."""

    def __init__(self, what):
        self._what = what

    def __repr__(self):
        return f"<{self._what}>"


def is_remote(value):
    return type(value) is RemoteClass or type(type(value)) is RemoteClass


def make_class(handle, name, module, bases, specials, methods):
    """The class of the stand-ins for the instances of one class."""
    specials, owners = SPECIAL.keys() & specials, []
    members = {special: (forward_binary if special in BINARY else forward)(special, owners) for special in specials}
    members.update({method: Method(method) for method in methods if method.isidentifier() and not method.startswith(("__", "_trialbox"))})
    members.update(__module__=module, __doc__=Told("__doc__"), __init__=Initializer(), _trialbox_handle=handle)
    if "__eq__" in specials:
        members["__ne__"] = differs
        members.setdefault("__hash__", None)
    if "__contains__" in specials:
        members["__contains__"] = contains
    for base in CHANGING & {plain_base(base) for base in bases}:
        for name, plain in base.__dict__.items():
            if (name in SPECIAL or not name.startswith("_")) and callable(plain):
                members.setdefault(name, change(name) if name in CHANGES else up_to_date(base, plain))
    real = REAL_CLASSES.get(name) if module == "builtins" else None
    if real is types.FunctionType and here.is_program:  # nothing of the tests is shown because somebody says he is a function
        members["__get__"] = lambda self, value, kind=None: self if value is None else types.MethodType(self, value)
    if real:
        members["__class__"] = property(lambda self: real)  # so that `isinstance` has it right
    bases = [base for base in bases if type(base) is RemoteClass or issubclass(base, tuple(PLAIN_PARTS))]
    for tried in ((*bases, Remote), (Remote, *bases), (Remote,)):
        try:
            owners.append(type.__new__(RemoteClass, name, tried, members))
            return owners[0]
        except TypeError:
            pass  # an order of classes that Python refuses
    raise Broken(f"a class {name} that cannot be")


# Built-in classes that can be changed, and what changes them. Of an instance of a class derived from one of these, the
# items lie here as they were at the last look.
CHANGING = {list, dict, set}
CHANGES = frozenset(
    "append extend insert remove pop clear sort reverse update setdefault popitem add discard difference_update intersection_update "
    "symmetric_difference_update __setitem__ __delitem__ __iadd__ __imul__ __iand__ __ior__ __isub__ __ixor__".split()
)


def change(name):
    if name in SPECIAL:
        return forward(name, ())
    return lambda self, /, *arguments, **keywords: here.do("method", self, name, *arguments, **keywords)


def up_to_date(base, plain):
    """A method of a built-in class, done here to the items as they are now: so its operand is shown to nobody."""

    def method(self, /, *arguments, **keywords):
        items = here.do("plain", self)
        if type(items) is not base:
            raise Broken("items of another class")
        fill(self, base, items)
        return plain(self, *arguments, **keywords)

    return method


def fill(value, base, items):
    """Gives an instance of a class derived from a list, a dict or a set these items."""
    if base is list:
        list.__setitem__(value, slice(None), items)
    else:
        base.clear(value)
        base.update(value, items)


REAL_CLASSES = {"map": map, "zip": zip, "filter": filter, "enumerate": enumerate, "reversed": reversed, "generator": types.GeneratorType, "function": types.FunctionType, "method": types.MethodType, "module": types.ModuleType}
