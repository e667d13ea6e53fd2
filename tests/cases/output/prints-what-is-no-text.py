# tries: "Prints the right sum between bytes that are not UTF-8."
# expect: ["wrong_answer"]
# mode: "stdin"
import os

os.write(1, b"\xff" + str(sum(map(int, open(0).read().split()[1:]))).encode() + b"\xfe\n")
