# tries: "Reads stdin by readline, then by the loop over the lines, then once more at its end."
# expect: "pass"
# mode: "stdin"
import sys

count = int(sys.stdin.readline())
numbers = [int(word) for line in sys.stdin for word in line.split()]
assert len(numbers) == count and sys.stdin.readline() == ""
print(sum(numbers))
