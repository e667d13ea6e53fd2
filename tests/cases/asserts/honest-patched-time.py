# tries: "Asks for the time and sleeps by functions that the tests have replaced."
# expect: "pass"
# mode: "asserts"
# tests_py: "import time\nfrom unittest.mock import patch\nimport solution\ndef test_a(monkeypatch):\n    slept = []\n    monkeypatch.setattr(time, 'sleep', slept.append)\n    assert solution.work() == 'done'\n    assert slept == [5]\ndef test_b(monkeypatch):\n    monkeypatch.setattr('time.time', lambda: 100.5)\n    assert solution.stamp() == 100\n@patch('time.time')\ndef test_c(t):\n    t.return_value = 10.0\n    l = solution.Limiter(1)\n    assert l.allow() and not l.allow()\n    t.return_value = 12.0\n    assert l.allow()\n"
# canonical: "import time\ndef work():\n    time.sleep(5)\n    return 'done'\ndef stamp(): return int(time.time())\nclass Limiter:\n    def __init__(self, n): self.n = n; self.t = []\n    def allow(self):\n        now = time.time()\n        self.t = [x for x in self.t if now - x < 1]\n        if len(self.t) >= self.n: return False\n        self.t.append(now); return True\n"
# time_s: 5
import time
def work():
    time.sleep(5)
    return 'done'
def stamp(): return int(time.time())
class Limiter:
    def __init__(self, n): self.n = n; self.t = []
    def allow(self):
        now = time.time()
        self.t = [x for x in self.t if now - x < 1]
        if len(self.t) >= self.n: return False
        self.t.append(now); return True
