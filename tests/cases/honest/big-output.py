# tries: "Prints three hundred kilobytes, line by line."
# expect: "pass"
# mode: "stdin"
# tests: [["1\n", "1\n"]]
import sys

count = int(input())
print("\n" * 300_000, file=sys.stdout)
print(count)
