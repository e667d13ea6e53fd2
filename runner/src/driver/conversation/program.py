# The program's side: does what the tests ask, until it is ended. It runs beside hostile code, and nobody believes a word
# of it.


class ProgramSide(Side):
    is_program = True

    def __init__(self, names):
        super().__init__()
        self.names = names
        self.patches = Patches()

    def listens(self):
        return False

    def may_show(self, name):
        return True

    def may_touch(self, name):
        return True

    def may_tell(self, number):
        return True

    def may_stop(self, act, arguments):
        return True

    def may_swallow(self, error):
        return True

    def notice(self, error):
        pass

    def check_shown(self, value):
        pass

    def known_place(self, value):
        """Classes that tell nobody anything; all else stays here."""
        is_class = isinstance(value, type) and (value.__module__ == "builtins" or issubclass(value, BaseException))
        return place_of(value) if is_class else None

    def found(self, module, name):
        __import__(module)
        return getattr(sys.modules[module], name)

    def method(self, value, name):
        return getattr(value, name)

    def too_large(self, message):
        return native.exchange(self.answer_foreign("a value too large to be sent"))

    def do(self, act, /, *arguments, **keywords):
        if self.output and self.output.tell():  # printed before the tests are asked, who may print too
            text = self.output.getvalue()
            self.output.seek(0)
            self.output.truncate()
            super().do("print", text)
        return super().do(act, *arguments, **keywords)

    def perform(self, act, /, *arguments, **keywords):
        if act == "begin":
            return self.begin(*arguments)
        if act in ("patch", "unpatch", "read", "call", "environment", "warnings"):
            return getattr(self.patches, act)(*arguments)
        if act == "set" and isinstance(arguments[0], type):
            self.patches.keep(*arguments[:2])
        if act == "reset":
            return self.patches.reset(*arguments)
        if act == "derive":
            return make_derived(*arguments, **keywords)
        if act == "dataclass":
            value, name, *rest = arguments
            return getattr(dataclasses, name)(value, *rest, **keywords)
        if act == "public":
            return self.names.get("__all__", [name for name in self.names if not name.startswith("_")])
        return super().perform(act, *arguments, **keywords)

    def begin(self, shared, asked):
        """The first question: which classes both have, and what there is of the names that tests ask for."""
        self.share({name: self.names[name] for name in shared if isinstance(self.names.get(name), type)})
        return sys.modules["solution"], {name: self.names[name] for name in asked if name in self.names}


def answer(names):
    """Answers questions for good."""
    global here
    here = ProgramSide(names)
    said = native.wait()
    first = here.links.reads(said)
    while True:
        said, first, _ = here.exchange(*here.answer(said, first))
