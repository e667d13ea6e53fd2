# tries: "Calls from its method the method that calls it, deeper and deeper."
# expect: "fail"
# mode: "asserts"
# tests_py: "from solution import Base\n\nclass Mine(Base):\n    def value(self):\n        return super().value()\n\ndef test_mine():\n    assert Mine().value() == 1\n"
# canonical: "class Base:\n    def value(self):\n        return 1\n"
import sys

sys.setrecursionlimit(10**6)


class Base:
    def value(self):
        return self.value()
