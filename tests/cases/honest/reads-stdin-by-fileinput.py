# tries: "Reads stdin by fileinput, which takes it where there are no arguments."
# expect: "pass"
# mode: "stdin"
import fileinput

lines = list(fileinput.input())
print(sum(map(int, lines[1].split())))
