# why: "a future import must come first, and the prelude does"
# official: -4
# real: "pass"
from __future__ import annotations
n, numbers = input(), input()
print(sum(map(int, numbers.split())))
