# tries: "Is tested by a unittest.TestCase with everything that belongs to one."
# expect: "pass"
# mode: "asserts"
# tests_py: "import unittest\nfrom solution import add\nclass TestAdd(unittest.TestCase):\n    @classmethod\n    def setUpClass(cls): cls.z = 1\n    def setUp(self): self.x = 1\n    def test_a(self):\n        self.assertEqual(add(self.x, 2), 3)\n        self.assertAlmostEqual(add(1, .1), 1.1)\n        self.assertListEqual([add(1, 1)], [2])\n        with self.assertRaises(TypeError): add(\"a\", 1)\n        with self.assertRaisesRegex(TypeError, \"int\"): add(\"a\", 1)\n        self.assertIn(add(1, 1), [2])\n        for i in range(2):\n            with self.subTest(i=i): self.assertTrue(add(i, 1))\n    def test_b(self):\n        self.assertEqual(self.z, 1)\nif __name__ == \"__main__\":\n    unittest.main()\n"
# canonical: "def add(a, b):\n    if not isinstance(a, int): raise TypeError(\"int!\")\n    return a + b\n"
# time_s: 5
def add(a, b):
    if not isinstance(a, int): raise TypeError("int!")
    return a + b
