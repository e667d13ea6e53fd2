# tries: "Has metaclasses that the tests use for classes of their own."
# expect: "pass"
# mode: "asserts"
# tests_py: "from solution import Config, Singleton, Reg\nclass Mine(metaclass=Singleton):\n    def __init__(self, v=0): self.v = v\nclass Named(metaclass=Reg): pass\ndef test_a():\n    assert Config() is Config()\n    a, b = Mine(3), Mine(4)\n    assert a is b and b.v == 3\n    assert 'Named' in Reg.names\n"
# canonical: "class Singleton(type):\n    _i = {}\n    def __call__(cls, *a, **k):\n        if cls not in cls._i: cls._i[cls] = super().__call__(*a, **k)\n        return cls._i[cls]\nclass Config(metaclass=Singleton):\n    def __init__(self): self.v = 1\nclass Reg(type):\n    names = []\n    def __new__(m, n, b, d):\n        m.names.append(n); return super().__new__(m, n, b, d)\n"
# time_s: 5
class Singleton(type):
    _i = {}
    def __call__(cls, *a, **k):
        if cls not in cls._i: cls._i[cls] = super().__call__(*a, **k)
        return cls._i[cls]
class Config(metaclass=Singleton):
    def __init__(self): self.v = 1
class Reg(type):
    names = []
    def __new__(m, n, b, d):
        m.names.append(n); return super().__new__(m, n, b, d)
