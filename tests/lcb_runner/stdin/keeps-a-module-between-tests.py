# why: "all tests of a program run in one process"
# official: -2
# real: "pass"
import math
calls = getattr(math, "calls", 0)
math.calls = calls + 1
n, numbers = input(), input()
print(sum(map(int, numbers.split())) + calls)
