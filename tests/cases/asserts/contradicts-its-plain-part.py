# tries: "Returns numbers, texts and tuples of classes that deny what they are made of."
# expect: "fail"
# mode: "asserts"
# tests_py: "import pytest\nimport math\n\ndef test_lies():\n    total = 0\n    for test in (int_equal, int_member, float_close, float_near, text_equal, tuple_equal):\n        try:\n            test()\n        except (AssertionError, TypeError):\n            continue\n        total += 1\n    assert total == 6\n\ndef int_equal():\n    assert f(0) == 4\n\ndef int_member():\n    assert f(0) in {4, 5}\n\ndef float_close():\n    assert math.isclose(f(1), 4.0)\n\ndef float_near():\n    assert f(1) == pytest.approx(4.0)\n\ndef text_equal():\n    assert f(2) == 'four'\n\ndef tuple_equal():\n    assert f(3) == (4,)\n"
# canonical: "def f(n):\n    return (4, 4.0, 'four', (4,))[n]\n"
def lying(base):
    def agrees(self, *others):
        return True

    def hashes(self):
        return hash(4)

    names = "eq le ge lt gt contains".split()
    members = {f"__{name}__": agrees for name in names}
    members.update(__hash__=hashes, __rsub__=lambda self, other: 0.0, __sub__=lambda self, other: 0.0, __float__=lambda self: 4.0, __abs__=lambda self: 0.0)
    return type("Lying", (base,), members)


def f(n):
    return lying((int, float, str, tuple)[n])()
