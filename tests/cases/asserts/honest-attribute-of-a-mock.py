# tries: "Sets an attribute of a mock."
# expect: "pass"
# mode: "asserts"
# tests_py: "from unittest.mock import Mock\ndef test_y():\n    m = Mock()\n    f(m)\n    assert m.status == 3\n"
def f(m): m.status = 3
