# tries: "Reads and rewrites what the tests capture of its errors."
# expect: "fail"
# mode: "asserts"
# tests_py: "import contextlib, io, sys\n\ndef test_f():\n    stream = io.StringIO()\n    with contextlib.redirect_stderr(stream):\n        f()\n    assert stream.getvalue() == 'bad\\n'\n"
# canonical: "import sys\n\ndef f():\n    print('bad', file=sys.stderr)\n"
import sys


def f():
    for name in ("__class__", "__init__", "__getstate__", "__reduce_ex__", "_sneak"):
        try:
            getattr(sys.stderr, name)
        except BaseException:
            pass
    try:
        sys.stderr.getvalue = lambda: "bad\n"
    except BaseException:
        pass
