# tries: "Has a mock of the tests forget, or claim, how it was called."
# expect: "fail"
# mode: "asserts"
# tests_py: "from unittest.mock import Mock\ndef test_y():\n    m = Mock()\n    f(m)\n    m.assert_called_once_with(7)\n    assert m.called and m.call_count == 1\n"
def f(m):
    for act in (lambda: setattr(m, "call_count", 1), lambda: setattr(m, "called", True), lambda: setattr(m, "assert_called_once_with", lambda *a: None), lambda: m.reset_mock(), lambda: setattr(m, "side_effect", None), lambda: setattr(m, "method_calls", [])):
        try:
            act()
        except Exception:
            pass
