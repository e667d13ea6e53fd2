# why: "the bytes have no lines"
# official: -4
# real: "pass"
import sys
print(sum(map(int, sys.stdin.buffer.readlines()[1].split())))
