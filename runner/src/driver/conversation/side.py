# One side of a conversation: what it has shown to the other, what the other has shown to it, and the words that pass.
# Not here: what tests are (`tests.py`), how a program is asked first (`program.py`).
#
# ("do", act, slots, {keyword: slot}, nodes, listens) asks for something to be done to an object; it is answered by
# ("returned" or "raised", slot, [(n, node)], nodes, output), where the pairs say what became of objects that both have copies of,
# unless the one who is asked has first something to be done himself. A question has such pairs too, after all else, if
# anything is different since the last message (`links.py`).


# Which parts of a node are texts, and which nodes begin with a handle. No object of the program's may stand in for either:
# of one derived from `str` the hash is what the program says, each time anew.
TEXTS = {"m": (1, 2), "k": (1, 5), "g": (0, 2), "foreign": (0, 1), "member": (0, 2), "plain": (0, 1), "ndarray": (0, 1)}
HANDLES = frozenset({"h", "x", "k", "coroutine"})


class Side:
    is_program = False
    output = None  # what is printed by what is being done for the other side, where that listens
    shared = {}  # the classes that both sides have by the preamble, by name
    shared_classes = frozenset()

    def __init__(self):
        self.shown = []  # by handle
        self.handles = {}  # of what is shown, by id
        self.seen = {}  # the other side's objects, by handle: their stand-ins
        self.kinds = set()  # classes of what is shown, and those they come from
        self.described = set()  # handles of classes that the other side knows all about
        self.raised = None  # the last exception that came from the other side
        self.returned = None  # the last value
        self.answers = 0  # how many came
        self.links = Links(self.may_tell)
        self.turn = threading.RLock()

    # What may be shown, and where operands may be, is for the two kinds of sides to say.

    def share(self, classes):
        self.shared, self.shared_classes = classes, frozenset(classes.values())

    def shared_class(self, name):
        if name not in self.shared:
            raise Broken(f"no class {name} is shared")
        return self.shared[name]

    # ---- Asking ----

    def do(self, act, /, *arguments, **keywords):
        """Has something done to an object of the other side."""
        links = self.links
        writer = Writer(links)
        slots = writer.slots([*arguments, *keywords.values()])
        count = len(arguments)
        question = ("do", act, slots[:count], dict(zip(keywords, slots[count:])), writer.nodes, self.listens())
        if links.small:
            updates = links.changes(writer, returned=self.returned)
            question = (*question, updates) if updates else question
        self.described |= writer.described
        said, first, asked = self.exchange(question, writer)
        try:
            while said[0] == "do":
                said, first, _ = self.exchange(*self.answer(said, first))
            how, slot, updates, nodes, output = said
            reader = Reader(links, first, nodes, writer)
            result = reader.value(slot)
            reader.restore(updates)
        except Exception as error:
            raise Broken(f"{type(error).__name__}: {error}")
        finally:
            if asked in links.questions:
                links.end(asked)
        self.answers += 1
        if output:
            sys.stdout.write(output)
        if how == "raised":
            if not isinstance(result, BaseException):
                raise Broken("it raised what is no exception")
            if isinstance(result, (StopIteration, StopAsyncIteration)) and not self.may_stop(act, arguments):
                result = RuntimeError(f"it raised {type(result).__name__}")  # as generators do; `map` takes it for its own end
            self.raised = result
            raise result
        self.returned = result
        return result

    def exchange(self, message, writer):
        """Says something. What the other side says, the number of its first node, and the question that was asked."""
        asked = None
        with self.turn:  # of threads
            try:
                said = native.exchange(message)
                asked = self.links.sends(message, writer)
            except OverflowError:
                self.described.clear()  # among others what this message described
                said = self.too_large(message)
                self.links.sent += 1
            first = self.links.reads(said)
        return said, first, asked

    # ---- Answering ----

    def answer(self, said, first):
        """The answer, and its writer."""
        _, act, slots, keywords, nodes, listens, *updates = said
        links = self.links
        question = links.ask(first, len(nodes))
        how, reader, output = "returned", None, io.StringIO() if listens else None
        arguments = named = None
        try:
            reader = Reader(links, first, nodes, question=question)
            arguments = [reader.value(slot) for slot in [*slots, *keywords.values()]]
            if updates:
                reader.restore(*updates)
            named = dict(zip(keywords, arguments[len(slots) :]))
            with self.printing(output) if listens else contextlib.nullcontext():
                result = self.perform(act, *arguments[: len(slots)], **named)
        except BaseException as error:
            if not self.is_program and isinstance(error, (Broken, Unsupported)):
                raise
            self.notice(error)
            how, result = "raised", error.with_traceback(None) if self.is_program else error
        arguments = named = None
        text = output.getvalue() if listens else ""
        try:
            writer = Writer(links, reader)
            (slot,) = writer.slots([result])
            if how == "raised" and self.is_program and isinstance(result.__cause__, BaseException):
                writer.nodes.append(("cause", [slot, *writer.slots([result.__cause__])]))
                slot = (len(writer.nodes) - 1,)
            result, updates = None, ()
            if links.small or question.large or writer.fresh:
                updates = links.changes(writer, question, reader.values if reader else None, self.returned)
        except (Exception, Unsupported) as error:  # nested too deeply, say
            links.end(question)
            return self.answer_foreign(f"a value that cannot be sent: {type(error).__name__}"), Writer(links)
        links.end(question)
        self.described |= writer.described
        return (how, slot, updates, writer.nodes, text), writer

    @contextlib.contextmanager
    def printing(self, output):
        before, self.output = self.output, output
        with contextlib.redirect_stdout(output):
            try:
                yield
            finally:
                self.output = before

    def answer_foreign(self, what):
        return ("returned", (0,), [], [("foreign", [what])], "")

    def perform(self, act, value, /, *arguments, **keywords):
        if act == "special":
            name, *arguments = arguments
            return SPECIAL[name](value, *arguments, **keywords)
        if act == "method":
            name, *arguments = arguments
            return getattr(value, name)(*arguments, **keywords)
        if act == "plain":
            return PLAIN_PARTS[plain_base(type(value))](value)
        if act == "dir":
            return dir(value)
        if act in ("copy", "deepcopy"):
            return getattr(copy, act)(value)
        if act == "await":
            return run_coroutine(self.shown[value])
        return {"get": getattr, "set": setattr, "delete": delattr}[act](value, *arguments)

    # ---- Objects in messages ----

    def handle(self, value):
        handle = self.handles.get(id(value))
        if handle is None:
            handle = self.handles[id(value)] = len(self.shown)
            self.shown.append(value)
        return handle

    def other_slot(self, value, writer):
        """The slot of what is neither a scalar nor takes itself to pieces."""
        numpy = sys.modules.get("numpy")
        numpy = numpy if hasattr(numpy, "generic") else None  # and no stand-in
        if numpy and isinstance(value, numpy.generic):
            return writer.slot(value.item())
        if isinstance(value, type) and not is_remote(value) and not self.known_place(value):
            self.check_shown(value)
            return self.class_slot(value, writer)
        return writer.now(value, self.other_node(value, writer, numpy))

    def other_node(self, value, writer, numpy):
        if is_remote(value):
            return ("h", [value._trialbox_handle])
        if type(value) is RemoteMethod:
            return ("m", [writer.slot(value.__self__), value.__name__])
        if type(value) is Foreign:
            return ("foreign", [value._what])
        if numpy and isinstance(value, numpy.ndarray) and value.dtype != object:
            return ("ndarray", [value.dtype.str, value.ndim, *value.shape, *value.ravel().tolist()])
        place = self.known_place(value)
        if place:
            return ("g", list(place))
        if isinstance(value, BaseException) and self.known_place(type(value)):
            return ("e", [writer.slot(type(value)), len(whole_arguments(value)), *map(writer.slot, [*whole_arguments(value), *flat(own_attributes(value))])])
        self.check_shown(value)
        if isinstance(value, types.CoroutineType) or type(value).__name__ in STEPS:
            return ("coroutine", [self.handle(value)])
        self.kinds.add(type(value))
        base = plain_base(type(value))
        plain = [] if base is None else [writer.slot(PLAIN_PARTS[base](value))]
        return ("x", [self.handle(value), self.class_slot(type(value), writer), *plain])

    def class_slot(self, kind, writer):
        slot = writer.classes.get(id(kind))
        if slot is None:
            node = self.class_node(kind, writer)
            slot = writer.classes[id(kind)] = (len(writer.nodes),)
            writer.kept.append(kind)
            writer.nodes.append(node)
        return slot

    def class_node(self, kind, writer):
        handle = self.handle(kind)
        if handle in self.described:
            return ("k", [handle])
        writer.described.add(handle)
        self.kinds.update(kind.__bases__)
        bases = [writer.slot(base) for base in kind.__bases__ if base is not object]
        names = own_names(kind)
        specials = {name for name, value in names if name in SPECIAL and value is not None}
        methods = {name for name, value in names if isinstance(value, METHODS) and not name.startswith("__")}
        return ("k", [handle, kind.__name__, kind.__module__, " ".join(sorted(specials)), " ".join(sorted(methods)), *bases])

    def other_value(self, tag, parts):
        if not self.is_program:
            first, last = TEXTS.get(tag, (0, 0))
            if any(type(part) is not str for part in parts[first:last]) or tag in HANDLES and type(parts[0]) is not int:
                raise Broken(f"a node {tag!r} of something else")
        if tag == "h":
            return self.shown[parts[0]]
        if tag == "x":
            return self.seen[parts[0]] if parts[0] in self.seen else self.stand_in(*parts)
        if tag == "k":
            return self.seen[parts[0]] if parts[0] in self.seen else self.new_class(*parts)
        if tag == "m":
            return self.method(*parts)
        if tag == "coroutine":
            return wait_for(*parts)
        if tag == "e":
            return self.exception(*parts)
        if tag == "cause":
            return caused(*parts)
        if tag == "member":
            return self.shared_class(parts[0]).__members__[parts[1]]
        if tag == "plain":
            return shared_plain(self.shared_class(parts[0]), parts)
        if tag == "g":
            return self.found(*parts)
        if tag == "ndarray":
            return numpy_array(*parts)
        if tag == "foreign":
            return Foreign(*parts)
        raise Broken(f"a node {tag!r}")

    def remember(self, handle, value):
        self.seen[handle] = value
        return value

    def new_class(self, handle, name, module, specials, methods, *bases):
        return self.remember(handle, make_class(handle, name, module, bases, specials.split(), methods.split()))

    def stand_in(self, handle, kind, *plain):
        if type(kind) is not RemoteClass:
            raise Broken("an instance of no class")
        base = plain_base(kind)
        value = object.__new__(kind) if base is None else new_plain(kind, base, *plain)
        object.__setattr__(value, "_trialbox_handle", handle)
        return self.remember(handle, value)

    def exception(self, kind, count, *parts):
        if not (isinstance(kind, type) and issubclass(kind, BaseException)):
            raise Broken("an exception of no class")
        arguments, attributes = parts[:count], parts[count:]
        try:
            error = kind(*arguments)
        except TypeError:  # its class takes other arguments than it keeps
            error = kind.__new__(kind)
            error.args = arguments
        if attributes:
            refill_instance(error, ("", *attributes))
        return error
