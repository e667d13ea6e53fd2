# why: "read begins anew each time, so a program may be right there and nowhere else"
# official: null
# real: "runtime_error"
import sys
sys.stdin.readline()
sys.stdin.read()
n, *numbers = map(int, sys.stdin.read().split())
print(sum(numbers))
