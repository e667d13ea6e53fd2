# why: "readlines gives lines without their ends, and an empty one behind the last"
# official: null
# real: "pass"
import sys
lines = sys.stdin.readlines()
print(sum(map(int, lines[1].split())))
