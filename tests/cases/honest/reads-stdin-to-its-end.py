# tries: "Calls input() until stdin ends, and counts on the EOFError."
# expect: "pass"
# mode: "stdin"
lines = []
while True:
    try:
        lines.append(input())
    except EOFError:
        break
print(sum(map(int, lines[1].split())))
