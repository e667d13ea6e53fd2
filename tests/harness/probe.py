# An honest program that looks around first: whatever an earlier program left shows itself as an exception here.
# It is run as a module (its function is called often enough to reach every gate), as a script, and asked by tests.
import builtins
import os
import random
import stat
import sys
import tempfile

try:
    import fcntl
except ImportError:  # the WASI guest, in which no two programs have a descriptor in common
    fcntl = None


def remains():
    """Everything that an earlier program could have left, in words."""
    names = [*dir(builtins), *os.environ, *sys.modules, *sys.path]
    yield from (f"the name {name}" for name in names if "trialbox_case" in name)
    yield from (f"the file {name}" for name in os.listdir("."))
    if random.random() != 0.8444218515250481:
        yield "another random seed"
    if sum([20, 22]) != 42 or len("four") != 4 or sorted([2, 1]) != [1, 2]:
        yield "changed builtins"
    for descriptor in range(256 if fcntl else 0):
        try:
            flags = fcntl.fcntl(descriptor, fcntl.F_GETFL)
        except OSError:
            continue
        if flags & (os.O_NONBLOCK | os.O_APPEND | os.O_ASYNC):
            yield f"descriptor {descriptor} with flags {flags:#o}"
    about = os.fstat(1)
    if stat.S_ISREG(about.st_mode) and about.st_size:
        yield f"{about.st_size} bytes of output"


def add(a, b):
    return a + b


found = list(remains())
assert not found, found
print("an honest word on stderr", file=sys.stderr, flush=True)
with tempfile.TemporaryFile() as file:
    file.write(b"honest")
if __name__ == "__main__":
    print(add(*map(int, input().split())))
