# why: "whatever the status is"
# official: null
# real: "runtime_error"
import sys
n, numbers = input(), input()
print(sum(map(int, numbers.split())))
sys.exit(3)
