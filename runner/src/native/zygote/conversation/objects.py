# Objects that stay where they are: functions, generators, instances of a program's own classes. The other side holds a
# stand-in for one, and what is done to it is done to the object.
# Not here: values that travel (`values.py`), the words that pass (`side.py`).


def binary_operations():
    """Every operation with another operand, by the name of its method."""
    acts = {f"__{name}__": getattr(operator, name) for name in ("eq", "ne", "lt", "le", "gt", "ge")}
    acts.update(__divmod__=divmod, __rdivmod__=lambda value, other: divmod(other, value), __contains__=operator.contains)
    for name in "add sub mul truediv floordiv mod pow matmul lshift rshift and or xor".split():
        act = getattr(operator, f"__{name}__")
        acts[f"__{name}__"] = act
        acts[f"__r{name}__"] = lambda value, other, act=act: act(other, value)
        acts[f"__i{name}__"] = getattr(operator, f"__i{name}__")
    return acts


# What Python looks up on an object's class and not on itself, and how each is done to the object.
BINARY = binary_operations()
SPECIAL = {
    "__call__": lambda value, *arguments, **keywords: value(*arguments, **keywords),
    "__enter__": lambda value: type(value).__enter__(value),
    "__exit__": lambda value, *arguments: type(value).__exit__(value, *arguments),
    "__len__": len, "__iter__": iter, "__next__": next, "__reversed__": reversed, "__length_hint__": operator.length_hint,
    "__getitem__": operator.getitem, "__setitem__": operator.setitem, "__delitem__": operator.delitem,
    "__str__": str, "__repr__": repr, "__format__": format, "__bytes__": bytes, "__hash__": hash, "__bool__": bool,
    "__int__": int, "__float__": float, "__complex__": complex, "__index__": operator.index, "__round__": round,
    "__trunc__": math.trunc, "__floor__": math.floor, "__ceil__": math.ceil,
    "__neg__": operator.neg, "__pos__": operator.pos, "__abs__": abs, "__invert__": operator.invert,
    **BINARY,
}

# Of an instance of a class derived from one of these, its value travels too; and so do an exception's arguments.
PLAIN_PARTS = {
    int: int.__int__, float: float.__float__, complex: lambda value: complex(value.real, value.imag), str: str.__str__,
    bytes: lambda value: bytes.__getitem__(value, slice(None)), tuple: lambda value: tuple.__getitem__(value, slice(None)),
    list: lambda value: list.__getitem__(value, slice(None)), dict: dict.copy, set: lambda value: set().union(value),
    frozenset: lambda value: frozenset().union(value), BaseException: lambda value: value.args,
}
METHODS = (types.FunctionType, classmethod, staticmethod, types.MethodDescriptorType, types.ClassMethodDescriptorType)


def own_names(kind):
    """Name and value of what a class and those it comes from define, `object` apart."""
    return [pair for base in kind.__mro__ if base is not object for pair in base.__dict__.items()]


def plain_base(kind):
    return next((base for base in kind.__mro__ if base in PLAIN_PARTS), None)


def place_of(value):
    """Module and name by which a class or function is found by everybody; None for one of the program's or the tests'."""
    module, name = getattr(value, "__module__", None), getattr(value, "__name__", None)
    found = module not in OWN_MODULES and module in sys.modules and isinstance(name, str)
    return (module, name) if found and getattr(sys.modules[module], name, None) is value else None


OWN_MODULES = {"__main__", "__tests__", "solution"}


class RemoteClass(type):
    """The class of stand-ins, and itself the stand-in of a class."""

    def __call__(self, *arguments, **keywords):
        return here.do("special", self, "__call__", *arguments, **keywords)

    def __getattr__(self, name):
        return here.do("get", self, name)

    def __setattr__(self, name, value):
        here.do("set", self, name, value)

    def __iter__(self):
        return here.do("special", self, "__iter__")

    def __len__(self):
        return here.do("special", self, "__len__")

    def __getitem__(self, key):
        return here.do("special", self, "__getitem__", key)


class Remote:
    """A stand-in."""

    def __getattr__(self, name):
        if name in type(self)._trialbox_methods:
            return RemoteMethod(self, name)
        return here.do("get", self, name)

    def __setattr__(self, name, value):
        here.do("set", self, name, value)

    def __delattr__(self, name):
        here.do("delete", self, name)

    def __repr__(self):
        return f"<{type(self).__name__}>"


class RemoteMethod:
    """A method of an object over there."""

    def __init__(self, value, name):
        self.__self__, self.__name__ = value, name

    def __call__(self, *arguments, **keywords):
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
    members = {special: forward_binary(special) if special in BINARY else forward(special) for special in specials}
    members.update(__module__=module, _trialbox_handle=handle, _trialbox_methods=frozenset(methods))
    if "__eq__" in specials:
        members["__ne__"] = differs
        members.setdefault("__hash__", None)
    if "__contains__" in specials:
        members["__contains__"] = contains
    real = REAL_CLASSES.get(name) if module == "builtins" else None
    if real:
        members["__class__"] = property(lambda self: real)  # so that `isinstance` has it right
    bases = [base for base in bases if type(base) is RemoteClass or issubclass(base, tuple(PLAIN_PARTS))]
    for tried in ((*bases, Remote), (Remote, *bases), (Remote,)):
        try:
            return type.__new__(RemoteClass, name, tried, members)
        except TypeError:
            pass  # an order of classes that Python refuses
    raise Broken(f"a class {name} that cannot be")


REAL_CLASSES = {"generator": types.GeneratorType, "function": types.FunctionType, "method": types.MethodType, "module": types.ModuleType}


def forward(name):
    def special(self, *arguments, **keywords):
        return here.do("special", self, name, *arguments, **keywords)

    return special


def forward_binary(name):
    """An operation that shows the other operand. Where that is the tests' own, it may be what they expect: it is passed on
    only at the places where the canonical solution needs it."""

    def special(self, other, *rest):
        if is_remote(other) or here.may_show(name):
            return here.do("special", self, name, other, *rest)
        return NotImplemented

    return special


def contains(self, item):
    if is_remote(item) or here.may_show("__contains__"):
        return here.do("special", self, "__contains__", item)
    return any(item is other or item == other for other in self)


def differs(self, other):
    result = self.__eq__(other)
    return result if result is NotImplemented else not result
