# tries: "Answers for keys that are missing."
# expect: "pass"
# mode: "asserts"
# tests_py: "from solution import D\ndef test_d():\n    d = D(a=1)\n    assert d[\"b\"] == \"bb\"\n    assert d == {\"a\": 1}\n    assert d.a == 1\n    d[\"c\"] = 3\n    assert d.get(\"c\") == 3 and d.get(\"x\") is None\n    assert sorted(d.items()) == [(\"a\", 1), (\"c\", 3)]\n    assert dict(d) == {\"a\": 1, \"c\": 3}\n    assert {**d} == {\"a\": 1, \"c\": 3}\n"
# canonical: "class D(dict):\n    def __missing__(self, key):\n        return key * 2\n    def __getattr__(self, name):\n        return self[name]\n"
# time_s: 5
class D(dict):
    def __missing__(self, key):
        return key * 2
    def __getattr__(self, name):
        return self[name]
