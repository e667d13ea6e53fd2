# tries: "Overrides a method of the dict that it is derived from."
# expect: "pass"
# mode: "asserts"
# tests_py: "from solution import LRUCache\ndef test_lru():\n    c = LRUCache(2)\n    c.put(1, 1); c.put(2, 2)\n    assert c.get(1) == 1\n    c.put(3, 3)\n    assert c.get(2) == -1\n    assert len(c) == 2\n    assert 3 in c\n    assert list(c) == [1, 3]\n    assert c[1] == 1\n"
# canonical: "from collections import OrderedDict\nclass LRUCache(OrderedDict):\n    def __init__(self, capacity):\n        super().__init__()\n        self.capacity = capacity\n    def get(self, key):\n        if key not in self:\n            return -1\n        self.move_to_end(key)\n        return self[key]\n    def put(self, key, value):\n        if key in self:\n            self.move_to_end(key)\n        self[key] = value\n        if len(self) > self.capacity:\n            self.popitem(last=False)\n"
# time_s: 5
from collections import OrderedDict
class LRUCache(OrderedDict):
    def __init__(self, capacity):
        super().__init__()
        self.capacity = capacity
    def get(self, key):
        if key not in self:
            return -1
        self.move_to_end(key)
        return self[key]
    def put(self, key, value):
        if key in self:
            self.move_to_end(key)
        self[key] = value
        if len(self) > self.capacity:
            self.popitem(last=False)
