# tries: "Asks where its own file is, to look for an input file beside it."
# expect: "pass"
# mode: "stdin"
import os
import sys

beside = os.path.join(os.path.dirname(os.path.abspath(__file__)), "input.txt")
if os.path.exists(beside):
    sys.stdin = open(beside)
print(sum(map(int, sys.stdin.read().split()[1:])), file=sys.stdout)
