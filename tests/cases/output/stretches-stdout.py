# tries: "Makes its output a sparse file of the largest size, which costs it nothing and whoever reads it memory."
# expect: ["wrong_answer", "output_limit"]
# mode: "stdin"
# wasi_expect: ["runtime_error"]
# The guest has a stdout that can only be written.
import os

LARGEST = 64 << 20
print(sum(map(int, open(0).read().split()[1:])), flush=True)
os.ftruncate(1, LARGEST - 1)
