# tries: "Prints where the tests listen, to both streams."
# expect: "pass"
# mode: "asserts"
# tests_py: "import io, contextlib, sys\nfrom solution import hi, err, both\ndef test_a(capsys):\n    hi()\n    captured = capsys.readouterr()\n    assert captured.out == 'hello\\nx-1!'\n    err()\n    out, e = capsys.readouterr()\n    assert e == 'bad\\n' and out == ''\n    both()\n    print('c')\n    assert capsys.readouterr().out == 'a\\nb\\nc\\n'\ndef test_b():\n    buf = io.StringIO()\n    with contextlib.redirect_stdout(buf):\n        hi()\n    assert buf.getvalue() == 'hello\\nx-1!'\n    b = io.StringIO()\n    with contextlib.redirect_stderr(b):\n        err()\n    assert b.getvalue() == 'bad\\n'\ndef test_c():\n    old = sys.stdout\n    sys.stdout = io.StringIO()\n    try:\n        both()\n        got = sys.stdout.getvalue()\n    finally:\n        sys.stdout = old\n    assert got == 'a\\nb\\n'\n"
# canonical: "import sys\ndef hi(): print('hello'); print('x', 1, sep='-', end='!')\ndef err(): print('bad', file=sys.stderr)\ndef both():\n    print('a'); sys.stdout.write('b\\n')\n"
# time_s: 5
import sys
def hi(): print('hello'); print('x', 1, sep='-', end='!')
def err(): print('bad', file=sys.stderr)
def both():
    print('a'); sys.stdout.write('b\n')
