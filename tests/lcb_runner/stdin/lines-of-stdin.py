# why: "stdin cannot be iterated over"
# official: -4
# real: "pass"
import sys
lines = [line for line in sys.stdin]
print(sum(map(int, lines[1].split())))
