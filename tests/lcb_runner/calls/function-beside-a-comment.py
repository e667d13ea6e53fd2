# why: "the words alone, in a comment even, ask for the class"
# official: -4
# real: "pass"
# no class Solution here
def total(a, b):
    return a + b
