# why: "behind the end the original stdin raises StopIteration"
# official: -4
# real: "pass"
from sys import stdin
stdin.readline()
print(sum(map(int, stdin.readline().split())))
assert stdin.readline() == ""
assert stdin.readline() == ""
