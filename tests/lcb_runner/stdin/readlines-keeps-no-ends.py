# why: "whoever cuts the end off each line cuts off a digit"
# official: -2
# real: "pass"
import sys
lines = [line[:-1] for line in sys.stdin.readlines()]
print(sum(map(int, lines[1].split())))
