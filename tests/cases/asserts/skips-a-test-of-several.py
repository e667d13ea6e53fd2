# tries: "Has a test skipped that runs with the canonical solution."
# expect: "fail"
# mode: "asserts"
# tests_py: "import pytest\ndef test_a():\n    assert f(1) == 1\ndef test_b():\n    if f(2) != 4:\n        pytest.skip('not supported')\n    assert f(3) == 9\n"
# canonical: "def f(n): return n * n\n"
def f(n):
    return 1
