# tries: "Calls objects of the tests and mocks back."
# expect: "pass"
# mode: "asserts"
# tests_py: "from unittest.mock import Mock, MagicMock\nfrom solution import Subject, Bus\nclass Obs:\n    def __init__(self): self.got = []\n    def update(self, *a): self.got.append(a)\ndef test_a():\n    s = Subject(); o = Obs(); s.attach(o); s.notify(1, [2])\n    assert o.got == [(1, [2])]\n    m = Mock(); s.attach(m); s.notify('x'); m.update.assert_called_once_with('x')\n    b = Bus(); seen = []\n    b.on('e', seen.append); b.on('e', lambda v: v + 1)\n    assert b.emit('e', 4) == [None, 5] and seen == [4]\n    f = MagicMock(return_value=3); b.on('q', f); assert b.emit('q', k=1) == [3]; f.assert_called_with(k=1)\n"
# canonical: "class Subject:\n    def __init__(self): self._o = []\n    def attach(self, o): self._o.append(o)\n    def notify(self, *a):\n        for o in self._o: o.update(*a)\nclass Bus:\n    def __init__(self): self.h = {}\n    def on(self, e, f): self.h.setdefault(e, []).append(f)\n    def emit(self, e, *a, **k): return [f(*a, **k) for f in self.h.get(e, [])]\n"
# time_s: 5
class Subject:
    def __init__(self): self._o = []
    def attach(self, o): self._o.append(o)
    def notify(self, *a):
        for o in self._o: o.update(*a)
class Bus:
    def __init__(self): self.h = {}
    def on(self, e, f): self.h.setdefault(e, []).append(f)
    def emit(self, e, *a, **k): return [f(*a, **k) for f in self.h.get(e, [])]
