# tries: "Reads stdin by input(), with a prompt that belongs to the output."
# expect: "pass"
# mode: "stdin"
# tests: [["3\n1 2 3\n", "> 6\n"], ["1\n42\n", "> 42\n"]]
input()
print(sum(map(int, input("> ").split())))
