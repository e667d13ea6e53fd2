# tries: "Writes to stderr up to the limit of a file; a later program that says one word there must not be refused."
# expect: ["pass", "output_limit", "memory_limit", "runtime_error", "time_limit"]
# memory_mb: 256
import sys

try:
    while True:
        sys.stderr.write("x" * (1 << 20))
except OSError:
    pass


def add(a, b):
    return a + b
