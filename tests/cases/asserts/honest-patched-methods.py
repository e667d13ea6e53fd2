# tries: "Has methods that the tests replace for a while."
# expect: "pass"
# mode: "asserts"
# tests_py: "from unittest.mock import patch, Mock\nimport solution\ndef test_a(monkeypatch):\n    monkeypatch.setattr(solution.Svc, 'fetch', lambda self: 4)\n    assert solution.outer() == 5\ndef test_b():\n    with patch.object(solution.Svc, 'fetch', return_value=1): assert solution.Svc().go() == 2\n    with patch('solution.Svc.fetch', return_value=7): assert solution.outer() == 8\n    s = solution.Svc(); s.fetch = Mock(return_value=9); assert s.go() == 10\n"
# canonical: "class Svc:\n    def fetch(self): raise RuntimeError\n    def go(self): return self.fetch() + 1\ndef outer(): return Svc().go()\n"
# time_s: 5
class Svc:
    def fetch(self): raise RuntimeError
    def go(self): return self.fetch() + 1
def outer(): return Svc().go()
