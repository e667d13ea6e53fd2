# tries: "Prints by what the tests have put in the place of print."
# expect: "pass"
# mode: "asserts"
# tests_py: "from unittest.mock import patch, call\nimport io\nfrom solution import hi\n@patch('builtins.print')\ndef test_a(mocked):\n    hi(2)\n    mocked.assert_called_with(1, 'x')\n    assert mocked.call_args_list == [call(0, 'x'), call(1, 'x')]\n@patch('sys.stdout', new_callable=io.StringIO)\ndef test_b(out):\n    hi(2)\n    assert out.getvalue() == '0 x\\n1 x\\n'\n"
# canonical: "def hi(n):\n    for i in range(n): print(i, 'x')\n"
# time_s: 5
def hi(n):
    for i in range(n): print(i, 'x')
