# tries: "Prints the right sum, but floods stderr before that."
# expect: ["pass", "output_limit", "runtime_error", "time_limit"]
# mode: "stdin"
import os

try:
    while True:
        os.write(2, b"x" * (1 << 20))
except OSError:
    pass
print(sum(map(int, open(0).read().split()[1:])))
