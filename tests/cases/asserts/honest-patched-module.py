# tries: "Is patched by name in its module."
# expect: "pass"
# mode: "asserts"
# tests_py: "import solution\ndef test_setattr(monkeypatch):\n    monkeypatch.setattr(solution, \"helper\", lambda: 5)\n    assert solution.use() == 6\ndef test_undone():\n    assert solution.use() == 2\n"
# canonical: "def helper(): return 1\ndef use(): return helper() + 1\n"
# time_s: 5
def helper(): return 1
def use(): return helper() + 1
