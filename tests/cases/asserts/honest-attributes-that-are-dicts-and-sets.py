# tries: "Keeps a dict and a set that the tests change where they find them."
# expect: "pass"
# mode: "asserts"
# tests_py: "from solution import Box\ndef test_a():\n    b = Box()\n    b.data['k'] = 1\n    assert b.get('k') == 1\n    b.data.update(x=2)\n    assert b.get('x') == 2 and b.data == {'k': 1, 'x': 2}\n    b.tags.add('q')\n    assert b.has('q')\n    b.data.clear()\n    assert b.data == {} and b.get('k') is None\n"
# canonical: "class Box:\n    def __init__(self): self.data = {}; self.tags = set()\n    def get(self, k): return self.data.get(k)\n    def has(self, t): return t in self.tags\n"
# time_s: 5
class Box:
    def __init__(self): self.data = {}; self.tags = set()
    def get(self, k): return self.data.get(k)
    def has(self, t): return t in self.tags
