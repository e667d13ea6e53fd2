# why: "read gives the whole input"
# official: null
# real: "pass"
import sys
n, *numbers = map(int, sys.stdin.read().split())
print(sum(numbers))
