# why: "the bytes cannot be iterated over"
# official: -4
# real: "pass"
import sys
print(sum(map(int, list(sys.stdin.buffer)[1].split())))
