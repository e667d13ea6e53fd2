# why: "the first line of the bytes comes again and again"
# official: -2
# real: "pass"
import sys
sys.stdin.buffer.readline()
print(sum(map(int, sys.stdin.buffer.readline().split())))
