# why: "iterated over, the original stdin is empty"
# official: -2
# real: "pass"
from sys import stdin
numbers = []
for line in stdin:
    numbers = list(map(int, line.split()))
print(sum(numbers))
