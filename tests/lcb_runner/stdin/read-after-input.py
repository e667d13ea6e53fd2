# why: "read gives the whole input again, however much has been read"
# official: -2
# real: "pass"
import sys
n = int(input())
print(sum(map(int, sys.stdin.read().split())))
