# tries: "Opens a file that is not there, and one that is a mock."
# expect: "pass"
# mode: "asserts"
# tests_py: "from solution import read\nfrom unittest.mock import patch, mock_open\ndef test_a(tmp_path):\n    assert read(tmp_path / 'none') is None\ndef test_b():\n    with patch('builtins.open', mock_open(read_data='data')) as m:\n        assert read('x') == 'data'\n    m.assert_called_once_with('x')\n"
# canonical: "def read(path):\n    try:\n        with open(path) as f: return f.read()\n    except FileNotFoundError:\n        return None\n"
# time_s: 5
def read(path):
    try:
        with open(path) as f: return f.read()
    except FileNotFoundError:
        return None
