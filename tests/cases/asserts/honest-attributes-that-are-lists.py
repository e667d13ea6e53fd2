# tries: "Keeps a list that the tests change where they find it."
# expect: "pass"
# mode: "asserts"
# tests_py: "from solution import Stack\ndef test_a():\n    s = Stack()\n    s.items.append(3)\n    assert s.items == [3]\n    assert s.size() == 1\n    s.items.extend([4, 5])\n    assert s.total() == 12\n    s.items[0] = 10\n    assert s.total() == 19 and len(s.items) == 3 and isinstance(s.items, list)\n    del s.items[1:]\n    assert s.items == [10]\n    items = s.items\n    items.append(1)\n    assert s.items is items\n    assert s.items == [10, 1] and s.size() == 2\n"
# canonical: "class Stack:\n    def __init__(self): self.items = []\n    def size(self): return len(self.items)\n    def total(self): return sum(self.items)\n"
# time_s: 5
class Stack:
    def __init__(self): self.items = []
    def size(self): return len(self.items)
    def total(self): return sum(self.items)
