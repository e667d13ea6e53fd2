# tries: "Asks for its user, home, arguments, processors, platform and frame, as programs do in passing."
# expect: "pass"
# wasi_expect: ["runtime_error"]
# The guest has no users.
import inspect
import os
import platform
import sys


def add(a, b):
    assert os.getpid() > 0 and os.cpu_count() > 0 and os.getuid() >= 0
    assert os.path.isdir(os.path.expanduser("~")) and os.path.isdir(os.getcwd())
    assert sys.argv and platform.system() == "Linux" and platform.python_version()
    assert inspect.currentframe().f_code.co_name == "add"
    assert os.environ.get("NO_SUCH_VARIABLE") is None
    return a + b
