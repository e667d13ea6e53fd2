# tries: "Raises in a callback's stead what skips a test."
# expect: "fail"
# mode: "asserts"
# tests_py: "import unittest\n\nclass TestF(unittest.TestCase):\n    def test_f(self):\n        with self.subTest(n=2):\n            self.assertEqual(f(lambda x: x), 4)\n\n    def setUp(self):\n        f(lambda x: x)\n"
# canonical: "def f(function):\n    return 4\n"
import unittest


def f(function):
    try:
        raise ValueError
    except ValueError as error:
        raise unittest.SkipTest("not today") from error
