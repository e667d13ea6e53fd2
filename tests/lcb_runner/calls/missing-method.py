# why: "a function that is not there is an error while loading"
# official: -4
# real: "runtime_error"
class Solution:
    def sum(self, a, b):
        return a + b
