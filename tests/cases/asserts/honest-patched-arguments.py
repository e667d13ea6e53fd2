# tries: "Reads the command line that the tests have set."
# expect: "pass"
# mode: "asserts"
# tests_py: "import sys\nfrom unittest.mock import patch\nfrom solution import f\ndef test_a(monkeypatch):\n    monkeypatch.setattr(sys, 'argv', ['p', 'a'])\n    assert f() == ['a']\n    with patch.object(sys, 'argv', ['p', 'b']):\n        assert f() == ['b']\n"
# canonical: "import sys\ndef f(): return sys.argv[1:]\n"
# time_s: 5
import sys
def f(): return sys.argv[1:]
