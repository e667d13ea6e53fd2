# tries: "Reads input that the tests replace by mocks."
# expect: "pass"
# mode: "asserts"
# tests_py: "from unittest.mock import patch\nfrom solution import two, loop\n@patch('builtins.input', side_effect=['3', '4'])\ndef test_a(mocked):\n    assert two() == 7\n    assert mocked.call_count == 2\ndef test_b():\n    with patch('builtins.input', side_effect=['a', 'b', EOFError]):\n        assert loop() == ['a', 'b']\n    with patch('builtins.input', return_value='9') as m:\n        assert two() == 18\n        m.assert_called_with('b')\n"
# canonical: "def two():\n    return int(input('a')) + int(input('b'))\ndef loop():\n    out = []\n    while True:\n        try:\n            s = input()\n        except EOFError:\n            return out\n        out.append(s)\n"
# time_s: 5
def two():
    return int(input('a')) + int(input('b'))
def loop():
    out = []
    while True:
        try:
            s = input()
        except EOFError:
            return out
        out.append(s)
