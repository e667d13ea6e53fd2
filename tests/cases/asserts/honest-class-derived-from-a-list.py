# tries: "Changes the list that it is derived from, and is compared with lists."
# expect: "pass"
# mode: "asserts"
# tests_py: "from solution import Stack\ndef test_stack():\n    s = Stack()\n    s.push(1); s.append(2)\n    assert len(s) == 2\n    assert s == [1, 2]\n    assert s.peek() == 2\n    assert s.pop() == 2\n    assert s == [1]\n    assert list(s) == [1]\n    s.extend([5, 4])\n    s.sort()\n    assert s == [1, 4, 5] and s.index(4) == 1 and 4 in s and s.count(1) == 1\n    s[0] = 9\n    s += [1]\n    assert s == [9, 4, 5, 1]\n    assert isinstance(s, list) and isinstance(s, Stack)\n"
# canonical: "class Stack(list):\n    def push(self, x):\n        self.append(x)\n    def peek(self):\n        return self[-1]\n"
# time_s: 5
class Stack(list):
    def push(self, x):
        self.append(x)
    def peek(self):
        return self[-1]
