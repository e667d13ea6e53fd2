# tries: "Raises exceptions with attributes, causes and texts of their own."
# expect: "pass"
# mode: "asserts"
# tests_py: "from solution import boom, AppError, Sub\nimport pytest, json\ndef test_exc():\n    with pytest.raises(AppError) as info: boom(0)\n    assert info.value.code == 5 and str(info.value) == \"5: m\" and info.type is AppError and info.value.args == (\"5: m\",)\n    with pytest.raises(KeyError) as info: boom(1)\n    assert isinstance(info.value, AppError) and info.value.code == 6\n    with pytest.raises(ValueError, match=\"^bad$\") as info: boom(2)\n    assert isinstance(info.value.__cause__, ZeroDivisionError)\n    with pytest.raises(KeyError, match=\"key\"): boom(3)\n    with pytest.raises(AssertionError, match=\"no\"): boom(4)\n    with pytest.raises(ValueError, match=\"invalid literal\"): boom(5)\n    with pytest.raises(KeyError): boom(6)\n    with pytest.raises(FileNotFoundError) as info: boom(7)\n    assert info.value.errno == 2 and info.value.filename == \"file\"\n    with pytest.raises(FileNotFoundError): boom(8)\n    with pytest.raises(json.JSONDecodeError) as info: boom(9)\n    assert info.value.pos == 1\n    with pytest.raises(UnicodeDecodeError): boom(10)\n    with pytest.raises(ExceptionGroup) as info: boom(11)\n    assert isinstance(info.value.exceptions[0], ValueError)\n    with pytest.raises(StopIteration) as info: boom(12)\n    assert info.value.value == 3\n    with pytest.raises((IndexError, KeyError)): boom(13)\n    with pytest.raises(TypeError, match=\"positional\"): boom(14)\n    with pytest.raises(AttributeError, match=\"foo\"): boom(15)\n    try:\n        boom(0)\n    except AppError as e:\n        assert e.code == 5\n    e = AppError(9)\n    with pytest.raises(AppError): raise e\n    assert issubclass(Sub, AppError) and issubclass(AppError, Exception)\n    assert pytest.raises(AppError, boom, 0).value.code == 5\n    assert \"5: m\" in repr(AppError(5))\n    with pytest.raises(AppError) as info: boom(0)\n    assert \"5: m\" in str(info.value) and info.match(\"5\")\n"
# canonical: "class AppError(Exception):\n    def __init__(self, code, msg=\"m\"):\n        super().__init__(f\"{code}: {msg}\")\n        self.code = code\nclass Sub(AppError, KeyError): pass\ndef boom(k):\n    if k == 0: raise AppError(5)\n    if k == 1: raise Sub(6, \"x\")\n    if k == 2:\n        try: 1 / 0\n        except ZeroDivisionError as e: raise ValueError(\"bad\") from e\n    if k == 3: raise KeyError(\"key\")\n    if k == 4: assert False, \"no\"\n    if k == 5: int(\"x\")\n    if k == 6: return {}[\"a\"]\n    if k == 7: raise OSError(2, \"nope\", \"file\")\n    if k == 8: return open(\"/nonexistent\")\n    if k == 9: import json; json.loads(\"{\")\n    if k == 10: b\"\\xff\".decode()\n    if k == 11: raise ExceptionGroup(\"g\", [ValueError(1)])\n    if k == 12: raise StopIteration(3)\n    if k == 13: [][0]\n    if k == 14: (lambda: None)(1)\n    if k == 15: None.foo\n"
# time_s: 5
# wasi_expect: ["runtime_error"]
# The guest has other numbers of errors: 2 is EACCES.
class AppError(Exception):
    def __init__(self, code, msg="m"):
        super().__init__(f"{code}: {msg}")
        self.code = code
class Sub(AppError, KeyError): pass
def boom(k):
    if k == 0: raise AppError(5)
    if k == 1: raise Sub(6, "x")
    if k == 2:
        try: 1 / 0
        except ZeroDivisionError as e: raise ValueError("bad") from e
    if k == 3: raise KeyError("key")
    if k == 4: assert False, "no"
    if k == 5: int("x")
    if k == 6: return {}["a"]
    if k == 7: raise OSError(2, "nope", "file")
    if k == 8: return open("/nonexistent")
    if k == 9: import json; json.loads("{")
    if k == 10: b"\xff".decode()
    if k == 11: raise ExceptionGroup("g", [ValueError(1)])
    if k == 12: raise StopIteration(3)
    if k == 13: [][0]
    if k == 14: (lambda: None)(1)
    if k == 15: None.foo
