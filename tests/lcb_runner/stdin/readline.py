# why: "lines come one after the other, each with its end"
# official: null
# real: "pass"
import sys
first = sys.stdin.readline()
assert first.endswith("\n")
print(sum(map(int, sys.stdin.readline().split())))
