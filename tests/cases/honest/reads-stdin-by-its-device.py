# tries: "Opens /dev/stdin by name."
# expect: "pass"
# mode: "stdin"
with open("/dev/stdin") as stdin:
    print(sum(map(int, stdin.read().split()[1:])))
