# tries: "Changes a list of its own that the tests still hold."
# expect: "pass"
# mode: "asserts"
# tests_py: "from solution import Log\ndef test_a():\n    log = Log()\n    lines = log.lines\n    log.write('a')\n    assert lines == ['a']\n    assert len(lines) == 1\n    log.write('b')\n    assert lines[-1] == 'b'\n    log.clear()\n    assert not lines\n"
# canonical: "class Log:\n    def __init__(self): self.lines = []\n    def write(self, s): self.lines.append(s)\n    def clear(self): self.lines.clear()\n"
# time_s: 5
class Log:
    def __init__(self): self.lines = []
    def write(self, s): self.lines.append(s)
    def clear(self): self.lines.clear()
