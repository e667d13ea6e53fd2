# why: "a method, where the text speaks of such a class"
# official: null
# real: "pass"
class Solution:
    def total(self, a: int, b: int) -> Optional[int]:
        return a + b
