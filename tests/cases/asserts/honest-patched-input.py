# tries: "Reads input that the tests patch."
# expect: "pass"
# mode: "asserts"
# tests_py: "def test_a(monkeypatch):\n    from solution import ask, two\n    monkeypatch.setattr('builtins.input', lambda *_: '5')\n    assert ask() == 'Hello 5'\n    it = iter(['1', '2'])\n    monkeypatch.setattr('builtins.input', lambda _='': next(it))\n    assert two() == 3\n"
# canonical: "def ask():\n    name = input(\"Name? \")\n    return \"Hello \" + name\ndef two():\n    return int(input()) + int(input())\n"
# time_s: 5
def ask():
    name = input("Name? ")
    return "Hello " + name
def two():
    return int(input()) + int(input())
