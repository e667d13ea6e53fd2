# why: "close wants an argument"
# official: -4
# real: "pass"
import sys
n, numbers = input(), input()
print(sum(map(int, numbers.split())))
sys.stdout.close()
