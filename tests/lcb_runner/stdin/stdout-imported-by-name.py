# why: "the original stdout is not looked at"
# official: -2
# real: "pass"
from sys import stdout
n, numbers = input(), input()
stdout.write(str(sum(map(int, numbers.split()))))
