# tries: "Writes its answer by a file of its own on descriptor 1 and leaves it to Python to flush that at the end."
# expect: "pass"
# mode: "stdin"
out = open(1, "w", closefd=False)
out.write(str(sum(map(int, open(0).read().split()[1:]))))
