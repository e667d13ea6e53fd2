# tries: "Reads a standard input that the tests have replaced."
# expect: "pass"
# mode: "asserts"
# tests_py: "import io, sys\nimport solution\ndef test_a(monkeypatch):\n    monkeypatch.setattr('sys.stdin', io.StringIO('1 2\\n3\\n'))\n    assert solution.total() == 6\n    monkeypatch.setattr(sys, 'stdin', io.StringIO('x\\ny\\n'))\n    assert solution.first() == 'x\\n'\n    assert solution.by_input() == 'y'\n    sys.stdin = io.StringIO('a\\nb')\n    assert solution.lines() == ['a', 'b']\n"
# canonical: "import sys\ndef total():\n    return sum(int(x) for x in sys.stdin.read().split())\ndef first():\n    return sys.stdin.readline()\ndef by_input():\n    return input()\ndef lines():\n    return [l.strip() for l in sys.stdin]\n"
# time_s: 5
import sys
def total():
    return sum(int(x) for x in sys.stdin.read().split())
def first():
    return sys.stdin.readline()
def by_input():
    return input()
def lines():
    return [l.strip() for l in sys.stdin]
