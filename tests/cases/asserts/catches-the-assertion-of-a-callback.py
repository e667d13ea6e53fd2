# tries: "Learns from a failed assertion of a callback what is expected, and calls it again."
# expect: "fail"
# mode: "asserts"
# tests_py: "import unittest\nclass TestX(unittest.TestCase):\n    def test_x(self):\n        seen = []\n        def cb(x):\n            self.assertEqual(x, 41)\n            seen.append(x)\n        f(cb)\n        self.assertEqual(len(seen), 1)\n"
# canonical: "def f(cb): cb(41)\n"
def f(cb):
    try: cb(0)
    except AssertionError as e:
        cb(int(str(e).split('!= ')[1]))
