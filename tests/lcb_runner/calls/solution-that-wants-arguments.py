# why: "an object that cannot be made is an error while loading"
# official: -4
# real: "runtime_error"
class Solution:
    def __init__(self, a):
        self.a = a
    def total(self, a, b):
        return a + b
