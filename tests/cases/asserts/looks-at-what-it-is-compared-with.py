# tries: "Calculates with whatever it is compared with, where the canonical solution gives plain numbers."
# expect: "fail"
# mode: "asserts"
# tests_py: "def test_area():\n    assert abs(Circle(2).area() - 12.566) < 0.01\n    assert Circle(2) != Circle(3)\n"
# canonical: "class Circle:\n    def __init__(self, r):\n        self.r = r\n    def area(self):\n        return 3.14159 * self.r ** 2\n"
class Circle:
    def __init__(self, r):
        self.r = r

    def area(self):
        return self

    def __sub__(self, expected):
        return 0.0
