# tries: "Is tested by a unittest.TestCase with set-up, subtests and a skipped test."
# expect: "pass"
# mode: "asserts"
# tests_py: "import unittest\nfrom solution import Calc\nclass TestCalc(unittest.TestCase):\n    @classmethod\n    def setUpClass(cls): cls.shared = [1]\n    def setUp(self): self.c = Calc()\n    def tearDown(self): del self.c\n    def test_add(self):\n        self.assertEqual(self.c.add(1, 2), 3)\n        self.assertListEqual(self.c.log, ['add'])\n        self.assertIn('add', self.c.log)\n        self.assertTrue(self.c.log)\n    def test_div(self):\n        with self.assertRaises(ZeroDivisionError) as cm: self.c.div(1, 0)\n        self.assertEqual(str(cm.exception), 'no')\n        self.assertAlmostEqual(self.c.div(1, 3), 0.333333, places=5)\n        with self.assertRaisesRegex(ZeroDivisionError, 'n.'): self.c.div(1, 0)\n        self.assertRaises(ZeroDivisionError, self.c.div, 1, 0)\n    def test_sub(self):\n        for i in range(3):\n            with self.subTest(i=i): self.assertEqual(self.c.add(i, i), 2 * i)\n        self.assertIsInstance(self.c, Calc)\n        self.assertIsNone(None); self.assertDictEqual({}, {})\n    @unittest.skip('no')\n    def test_skip(self): assert False\nif __name__ == '__main__':\n    unittest.main()\n"
# canonical: "class Calc:\n    def __init__(self): self.log = []\n    def add(self, a, b): self.log.append('add'); return a + b\n    def div(self, a, b):\n        if b == 0: raise ZeroDivisionError('no')\n        return a / b\n"
# time_s: 5
class Calc:
    def __init__(self): self.log = []
    def add(self, a, b): self.log.append('add'); return a + b
    def div(self, a, b):
        if b == 0: raise ZeroDivisionError('no')
        return a / b
