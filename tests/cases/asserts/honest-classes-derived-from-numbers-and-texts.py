# tries: "Overrides methods of numbers and texts."
# expect: "pass"
# mode: "asserts"
# tests_py: "from solution import Name, Money, Id\ndef test_s():\n    n = Name(\"ab\")\n    assert n == \"ab\" and n.upper() == \"U:AB\" and n.shout() == \"ab!\" and len(n) == 2 and n + \"c\" == \"abc\" and {n: 1}[\"ab\"] == 1\n    assert str(Money(1.5)) == \"$1.50\" and Money(1.5) == 1.5 and Money(1) + 1 == 2\n    assert Id(3).extra == 6 and Id(3) + 1 == 4 and (Id(3) + 1).extra == 8 and isinstance(Id(1), int)\n    assert n.startswith(\"a\") and \"a\" in n and f\"{n}\" == \"ab\" and n.encode() == b\"ab\"\n"
# canonical: "class Name(str):\n    def upper(self): return \"U:\" + str.upper(self)\n    def shout(self): return self + \"!\"\nclass Money(float):\n    def __str__(self): return f\"${float(self):.2f}\"\nclass Id(int):\n    def __new__(cls, v): o = super().__new__(cls, v); o.extra = v * 2; return o\n    def __add__(self, o): return Id(int(self) + int(o))\n"
# time_s: 5
class Name(str):
    def upper(self): return "U:" + str.upper(self)
    def shout(self): return self + "!"
class Money(float):
    def __str__(self): return f"${float(self):.2f}"
class Id(int):
    def __new__(cls, v): o = super().__new__(cls, v); o.extra = v * 2; return o
    def __add__(self, o): return Id(int(self) + int(o))
