# How LiveCodeBench's programs are driven: as lcb_runner drives them, quirks included (`official_*`), and as their problems
# mean it (`fresh_solution`). What each quirk is: tests/lcb_runner has a program for every one of them.
# Not here: scripts that read a real stdin (the C part), limits and what is right (the supervisor).
# Everything but `livecodebench_names` is called in a child, before or around the program's own code.


def livecodebench_names():
    """The names that lcb_runner's import prelude gives every program."""
    names = {}
    starred = "string re datetime collections heapq bisect copy math random statistics itertools functools operator io sys json builtins typing"
    for module in starred.split():
        exec(f"from {module} import *", names)
    for module in starred.split()[:-2]:
        names[module] = sys.modules[module]
    del names["__builtins__"]
    return names


def fresh_solution(names, entry):
    """The function that is called where a program may have a class `Solution`: each test gets an object of its own."""
    solution = names.get("Solution")
    if not hasattr(solution, entry):
        function = names.get(entry)
        return None if function is prelude.get(entry) else function  # operator.add is no answer of the program's
    return lambda *arguments: getattr(solution(), entry)(*arguments)


# What lcb_runner takes away before it runs anything.
GUARDED = {
    "builtins": "quit help",
    "os": "kill system putenv remove removedirs rmdir fchdir setuid fork forkpty killpg rename renames truncate replace"
    " unlink fchmod fchown chmod chown chroot lchflags lchmod lchown getcwd chdir",
    "shutil": "rmtree move chown",
    "subprocess": "Popen",
}
REFUSED_MODULES = "ipdb joblib resource psutil tkinter"
leave = os._exit


def guard():
    for module, functions in GUARDED.items():
        for function in functions.split():
            setattr(sys.modules[module], function, None)
    known_names["quit"] = known_names["help"] = None
    for module in REFUSED_MODULES.split():
        sys.modules[module] = None


def as_function(source):
    """A script as lcb_runner makes a function of it: its main guard opened, its imports first, all else in a function."""
    try:
        body = ast.parse(source).body
        if body and is_main_guard(body[-1]):
            body[-1:] = body[-1].body
        return in_function(body)
    except Exception:  # step by step, then, each of which may leave it as it is
        return wrapped(without_main_guard(source))


def is_main_guard(statement):
    """Whether it is `if __name__ == '__main__':` to the letter."""
    return isinstance(statement, ast.If) and ast.unparse(statement.test).strip() == "__name__ == '__main__'"


def in_function(body):
    imports = [statement for statement in body if isinstance(statement, (ast.Import, ast.ImportFrom))]
    others = [statement for statement in body if not isinstance(statement, (ast.Import, ast.ImportFrom))]
    nothing = ast.arguments(posonlyargs=[], args=[], kwonlyargs=[], kw_defaults=[], defaults=[])
    function = ast.FunctionDef(name="wrapped_function", args=nothing, body=others, decorator_list=[], lineno=-1)
    return ast.unparse(imports) + "\n" + ast.unparse(function)


def without_main_guard(source):
    try:
        body = ast.parse(source).body
        if is_main_guard(body[-1]):
            return ast.unparse(body[:-1]) + "\n" + ast.unparse(body[-1].body)
    except BaseException:
        pass  # what cannot be taken apart, or not be written down again, stays as it is
    return source


def wrapped(source):
    try:
        return in_function(ast.parse(source).body)
    except Exception:
        return source


EXAMPLE = """
class A:
    def f(self, n: int) -> list:
        for i in range(n):
            self.x[i] += [i for i in range(3) if i % 2 == 0 and n > 1 or not n][0]
        return lambda a: -a
print(f"{A()}", "a", (1, 2), {1: 2}, sep="")
if __name__ == "__main__":
    main()
"""


def official_compile(source, is_stdin):
    """The program as lcb_runner runs it: its text, and its code."""
    if hasattr(sys, "set_int_max_str_digits"):
        sys.set_int_max_str_digits(50000)
    text = source.decode()
    if is_stdin:
        text = as_function(text)
    # Its prelude stands before the program, so that this must not come first in it any more.
    if "__future__" in text and any(is_future(statement) for statement in ast.parse(text).body):
        raise SyntaxError("from __future__ imports must occur at the beginning of the file")
    return text, compile(text, "<string>", "exec", dont_inherit=True)


def is_future(statement):
    return isinstance(statement, ast.ImportFrom) and statement.module == "__future__" and not statement.level


def import_quietly(module):
    try:
        __import__(module)
    except ImportError:
        pass  # not installed: the program's own import says so


def official_load(program, entry, is_stdin):
    """Runs the program as a module that nobody can import, and gives what is called for each test; None for nothing."""
    text, code = program
    names = types.ModuleType("tmp_sol", "")
    names.__builtins__ = known_names  # its names, behind the program's own
    if "numpy" in text:
        import_quietly("numpy")  # it has numpy already, which could not be imported behind its guard
    guard()
    sys.setrecursionlimit(50000)
    try:
        exec(code, names.__dict__)
        holder = names.Solution() if "class Solution" in text else names
    except Exception:
        raise
    except BaseException:
        leave(1)  # what is no Exception ends lcb_runner's process, which is then said nothing of
    if hasattr(holder, entry):
        return caller(getattr(holder, entry), is_stdin)
    return caller(prelude[entry], is_stdin) if holder is names and entry in prelude else None


def caller(function, is_stdin):
    def call(*arguments):
        try:
            return printed(function, *arguments) if is_stdin else function(*arguments)
        except Exception:
            raise
        except BaseException:
            leave(1)

    return call


class Stdin:
    """lcb_runner's stand-in for stdin: no iteration, and `read` gives everything wherever one stands."""

    def __init__(self, text):
        self.text = text
        self.stream = io.StringIO(text)

    @functools.cached_property
    def buffer(self):
        return Buffer(self.text.encode())

    def read(self, *_):
        return self.text

    def readline(self, *arguments):
        return self.stream.readline(*arguments)

    def readlines(self, *_):
        return self.text.split("\n")

    def __getattr__(self, name):
        return getattr(self.stream, name)


class Buffer:
    """And for its bytes, of which the first line comes again and again."""

    def __init__(self, data):
        self.data = data

    def read(self, *_):
        return self.data

    def readline(self, *_):
        return self.data.partition(b"\n")[0] + b"\n"


def printed(function, text):
    """Calls a function with a text on stdin. Gives what it printed, whether it returned or left by SystemExit."""
    before, lines = (sys.stdin, sys.stdout, builtins.open), None

    def next_line(*_):
        nonlocal lines
        if lines is None:
            lines = iter(text.split("\n"))
        return next(lines)

    # Whoever has taken hold of the original stdin reads the text there, by these three methods alone.
    original = sys.stdin
    original.read, original.readline, original.readlines = lambda *_: text, next_line, lambda *_: text.split("\n")
    output = io.StringIO()
    output.close = lambda _: 1
    sys.stdin, sys.stdout, builtins.open = Stdin(text), output, lambda *_, **__: io.StringIO(text)
    try:
        function()
    except SystemExit:
        pass
    finally:
        sys.stdin, sys.stdout, builtins.open = before
        del original.read, original.readline, original.readlines
    return output.getvalue()


