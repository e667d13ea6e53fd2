# why: "its state stays from test to test; a real one is new for each"
# official: -2
# real: "pass"
class Solution:
    def __init__(self):
        self.sum = 0
    def total(self, a, b):
        self.sum += a + b
        return self.sum
