# What is made here of the description of something over there: exceptions, instances of classes derived from built-in ones,
# arrays.
# Not here: stand-ins (`objects.py`), how a message is read (`values.py`, `side.py`).


def whole_arguments(error):
    """What an exception was made of; an OSError does not keep all of it."""
    has_file = isinstance(error, OSError) and error.filename is not None and len(error.args) == 2
    return (*error.args, error.filename) if has_file else error.args


def own_attributes(error):
    return [(name, value) for name, value in attributes(error) if not name.startswith("__")]


def new_plain(kind, base, plain):
    """An instance of a class derived from a built-in one."""
    if base is BaseException:
        value = kind.__new__(kind, *plain)
        value.args = tuple(plain)
    elif base in CHANGING:
        value = base.__new__(kind)
        fill(value, base, plain)
    else:
        value = base.__new__(kind, plain)
    return value


def shared_plain(kind, parts):
    value = new_plain(kind, plain_base(kind), parts[1])
    if len(parts) > 2:
        refill_instance(value, parts[1:])
    return value


def caused(error, cause):
    if not (isinstance(error, BaseException) and isinstance(cause, BaseException)):
        raise Broken("a cause that is no exception")
    error.__cause__ = cause
    return error


# Of other objects numpy asks where in memory their items lie.
NUMPY_ITEMS = SCALARS | {datetime.date, datetime.datetime, datetime.timedelta}


def numpy_array(kind, dimensions, *parts):
    shape, items = parts[:dimensions], list(parts[dimensions:])
    if not re.fullmatch(r"[<>|=]?[biufcSUM]\d+(\[\w+\])?", kind):
        raise Broken(f"an array of {kind}")
    if not NUMPY_ITEMS.issuperset(map(type, items)):
        raise Broken("an array of what is no number")
    numpy = sys.modules.get("numpy") or __import__("numpy")
    return numpy.array(items, dtype=kind).reshape(shape)
