# Operations on stand-ins: what Python looks up on a class, such as `__add__`, and what a comparison comes to that the program
# may not see.
# Not here: stand-ins and their attributes (`objects.py`).


def binary_operations():
    """Every operation with another operand, by the name of its method."""
    acts = {f"__{name}__": getattr(operator, name) for name in ("eq", "ne", "lt", "le", "gt", "ge")}
    acts.update(__pow__=pow, __divmod__=divmod, __rdivmod__=lambda value, other: divmod(other, value), __contains__=operator.contains)
    for name in "add sub mul truediv floordiv mod pow matmul lshift rshift and or xor".split():
        act = getattr(operator, f"__{name}__")
        acts.setdefault(f"__{name}__", act)
        acts[f"__r{name}__"] = lambda value, other, act=act: act(other, value)
        acts[f"__i{name}__"] = getattr(operator, f"__i{name}__")
    return acts


# What Python looks up on an object's class and not on itself, and how each is done to the object.
BINARY = binary_operations()
SPECIAL = {
    "__call__": lambda value, /, *arguments, **keywords: value(*arguments, **keywords),
    "__enter__": lambda value: type(value).__enter__(value),
    "__exit__": lambda value, *arguments: type(value).__exit__(value, *arguments), "__missing__": lambda value, key: type(value).__missing__(value, key),
    "__aiter__": lambda value: type(value).__aiter__(value), "__anext__": lambda value: type(value).__anext__(value),
    "__aenter__": lambda value: type(value).__aenter__(value), "__aexit__": lambda value, *arguments: type(value).__aexit__(value, *arguments),
    "__len__": len, "__iter__": iter, "__next__": next, "__reversed__": reversed, "__length_hint__": operator.length_hint,
    "__getitem__": operator.getitem, "__setitem__": operator.setitem, "__delitem__": operator.delitem,
    "__str__": str, "__repr__": repr, "__format__": format, "__bytes__": bytes, "__hash__": hash, "__bool__": bool,
    "__int__": int, "__float__": float, "__complex__": complex, "__index__": operator.index, "__round__": round,
    "__trunc__": math.trunc, "__floor__": math.floor, "__ceil__": math.ceil,
    "__neg__": operator.neg, "__pos__": operator.pos, "__abs__": abs, "__invert__": operator.invert,
    **BINARY,
}


def act_special(self, name, owners, /, *arguments, **keywords):
    for owner in owners:
        if is_overridden(self, name, owner):
            return here.do("method", owner, name, self, *arguments, **keywords)
    return here.do("special", self, name, *arguments, **keywords)


def forward(name, owners):
    def special(self, /, *arguments, **keywords):
        if name not in ("__exit__", "__aexit__"):
            return act_special(self, name, owners, *arguments, **keywords)
        result = act_special(self, name, owners, *arguments[:2], None)  # a traceback leads everywhere
        return swallows(result, arguments[1]) if name == "__exit__" else swallows_later(result, arguments[1])

    return special


def swallows(result, error):
    """Whether what an `__exit__` of the other side said ends an exception here."""
    return result if error is None else bool(result) and here.may_swallow(error)


async def swallows_later(coming, error):
    return swallows(await coming, error)


def forward_binary(name, owners):
    """An operation that shows the other operand. Where that is the tests' own, it may be what they expect: it is passed on
    only at the places where the canonical solution needs it."""

    def special(self, other, *rest):
        if is_remote(other) or here.may_show(name):
            return act_special(self, name, owners, other, *rest)
        if name in REFLECTED:
            return compare(self, name, other)
        return no_result(self, name, other)

    return special


REFLECTED = {"__eq__": "__eq__", "__ne__": "__ne__", "__lt__": "__gt__", "__le__": "__ge__", "__gt__": "__lt__", "__ge__": "__le__"}


def compare(value, name, other):
    """What a comparison comes to without the method of the program's class. Never NotImplemented, which counts as true
    where tests call the method by its name."""
    base = plain_base(type(value)) or object
    result = NotImplemented
    for mine, theirs, act in ((value, other, getattr(base, name, None)), (other, value, getattr(type(other), REFLECTED[name], None))):
        if result is NotImplemented and act is not None and not is_remote(act):
            result = act(mine, theirs)
    if result is not NotImplemented:
        return result
    if name in ("__eq__", "__ne__"):
        return (value is other) == (name == "__eq__")
    raise TypeError(f"{name} not supported between instances of {type(value).__name__!r} and {type(other).__name__!r}")


def no_result(value, name, other):
    """What an operation comes to that is not shown its operand: NotImplemented, which Python makes an error of, or at once
    the error where tests call the method by its name, to whom NotImplemented would be true."""
    frame = sys._getframe(2)
    operation = dis.opname[frame.f_code.co_code[frame.f_lasti]]
    bare = name.strip("_")
    reflected = f"__r{bare}__" if f"__r{bare}__" in BINARY else f"__{bare[1:]}__" if bare[0] == "r" else f"__r{bare[1:]}__"
    if operation.startswith(("BINARY_", "INPLACE_")) or is_own(other) and hasattr(type(other), reflected):
        return NotImplemented
    raise TypeError(f"{name} not supported between instances of {type(value).__name__!r} and {type(other).__name__!r}")


def contains(self, item):
    if is_remote(item) or here.may_show("__contains__"):
        return here.do("special", self, "__contains__", item)
    return any(item is other or item == other for other in self)


def differs(self, other):
    result = self.__eq__(other)
    return result if result is NotImplemented else not result
