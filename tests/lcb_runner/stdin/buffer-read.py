# why: "the bytes come at once"
# official: null
# real: "pass"
import sys
n, *numbers = map(int, sys.stdin.buffer.read().split())
print(sum(numbers))
