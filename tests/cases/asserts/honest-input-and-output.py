# tries: "Asks for input and prints, where the tests have replaced the one and capture the other."
# expect: "pass"
# mode: "asserts"
# tests_py: "def test_a(monkeypatch, capsys):\n    from solution import game\n    monkeypatch.setattr('builtins.input', lambda prompt='': '3')\n    game()\n    assert capsys.readouterr().out == '*\\n**\\n***\\n'\n"
# canonical: "def game():\n    n = int(input('n: '))\n    for i in range(n): print('*' * (i + 1))\n"
# time_s: 5
def game():
    n = int(input('n: '))
    for i in range(n): print('*' * (i + 1))
