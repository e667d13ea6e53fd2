# tries: "Leaves by the site module's exit(), which scripts may call without any import."
# expect: "pass"
# mode: "stdin"
print(sum(map(int, open(0).read().split()[1:])))
exit()
