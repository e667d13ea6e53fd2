# tries: "Is asked for names, documentation, signatures and attributes."
# expect: "pass"
# mode: "asserts"
# tests_py: "import inspect, typing, json\nfrom solution import f, K, fib\nimport solution\ndef test_i():\n    assert f.__name__ == \"f\" and f.__doc__ == \"Doc.\" and callable(f)\n    assert hasattr(K, \"m\") and not hasattr(K, \"zz\") and hasattr(K(), \"m\") and hasattr(solution, \"f\")\n    assert K.__doc__ == \"Kdoc.\" and K.__name__ == \"K\" and K.attr == 5\n    assert fib(30) == 832040 and fib.cache_info().hits > 0\n    fib.cache_clear()\n    assert \"m\" in dir(K()) and \"m\" in dir(K)\n    assert vars(K()) == {}\n    assert inspect.isclass(K) and inspect.isfunction(f)\n    assert callable(getattr(K(), \"m\", None))\n    assert f(1, c=2) is True\n    assert f.__annotations__ == {\"a\": int, \"b\": str, \"return\": bool}\n    assert f.__defaults__ == (\"x\",)\ndef test_sig():\n    assert list(inspect.signature(f).parameters) == [\"a\", \"b\", \"args\", \"c\", \"d\", \"kw\"]\n    assert inspect.signature(f).parameters[\"d\"].default == 4\n    assert list(inspect.signature(K.m).parameters) == [\"self\", \"x\"]\n    assert typing.get_type_hints(f)[\"a\"] is int\n    assert K().m.__name__ == \"m\"\ndef test_doc():\n    assert inspect.getdoc(f) == \"Doc.\"\n"
# canonical: "import functools, typing\ndef f(a: int, b: str = \"x\", *args, c, d=4, **kw) -> bool:\n    \"\"\"Doc.\"\"\"\n    return True\nclass K:\n    \"\"\"Kdoc.\"\"\"\n    def m(self, x): return x\n    @property\n    def p(self): return 1\n    attr = 5\n@functools.lru_cache(None)\ndef fib(n): return n if n < 2 else fib(n - 1) + fib(n - 2)\n"
# time_s: 5
import functools, typing
def f(a: int, b: str = "x", *args, c, d=4, **kw) -> bool:
    """Doc."""
    return True
class K:
    """Kdoc."""
    def m(self, x): return x
    @property
    def p(self): return 1
    attr = 5
@functools.lru_cache(None)
def fib(n): return n if n < 2 else fib(n - 1) + fib(n - 2)
