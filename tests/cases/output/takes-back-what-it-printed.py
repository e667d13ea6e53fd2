# tries: "Prints nonsense, then cuts its output and writes the right sum: what is there in the end counts."
# expect: "pass"
# mode: "stdin"
# wasi_expect: ["runtime_error"]
# The guest has a stdout that can only be written.
import os

os.write(1, b"nonsense, much longer than the answer")
os.lseek(1, 0, os.SEEK_SET)
os.ftruncate(1, 0)
print(sum(map(int, open(0).read().split()[1:])))
