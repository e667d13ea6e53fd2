# tries: "Raises what test runners take for the wish to skip a test."
# expect: "fail"
# mode: "asserts"
# tests_py: "import unittest\n\nclass TestF(unittest.TestCase):\n    def test_f(self):\n        self.assertEqual(f(2), 4)\n"
# canonical: "def f(n):\n    return 2 * n\n"
import unittest


def f(n):
    raise unittest.SkipTest("not today")
