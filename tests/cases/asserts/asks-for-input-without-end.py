# tries: "Asks without end for the input that the tests give."
# expect: ["time_limit", "runtime_error"]
# mode: "asserts"
# tests_py: "def test_f(monkeypatch):\n    monkeypatch.setattr('builtins.input', lambda prompt='': '5')\n    assert f() == 5\n"
# canonical: "def f():\n    return int(input())\n"
# time_s: 0.3
def f():
    while True:
        input("x" * 1000)
