# tries: "Reads environment variables that the tests have set."
# expect: "pass"
# mode: "asserts"
# tests_py: "import os\nfrom unittest.mock import patch\nimport solution\ndef test_a(monkeypatch):\n    monkeypatch.setenv('MYHOME', '/x')\n    assert solution.home() == '/x'\ndef test_b():\n    assert solution.home() == 'none'\n    with patch.dict(os.environ, {'MYHOME': 'q'}):\n        assert solution.home() == 'q'\n    with patch('os.getcwd', return_value='/zz'):\n        assert solution.cwd() == '/zz'\n"
# canonical: "import os\ndef home(): return os.environ.get('MYHOME', 'none')\ndef cwd(): return os.getcwd()\n"
# time_s: 5
import os
def home(): return os.environ.get('MYHOME', 'none')
def cwd(): return os.getcwd()
