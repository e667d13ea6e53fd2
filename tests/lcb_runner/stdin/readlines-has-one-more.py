# why: "the last line is an empty one"
# official: -2
# real: "pass"
import sys
print(sum(map(int, sys.stdin.readlines()[-1].split())))
