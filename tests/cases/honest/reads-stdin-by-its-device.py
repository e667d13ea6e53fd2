# tries: "Opens /dev/stdin and /dev/stdout by name."
# expect: "pass"
# mode: "stdin"
with open("/dev/stdin") as stdin, open("/dev/stdout", "w") as stdout:
    print(sum(map(int, stdin.read().split()[1:])), file=stdout)
