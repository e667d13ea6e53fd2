# why: "the original stdin reads the text too, its lines without their ends"
# official: null
# real: "pass"
from sys import stdin
n = int(stdin.readline())
print(sum(map(int, stdin.readline().split())))
