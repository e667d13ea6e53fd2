# tries: "Reads stdin by its buffer and writes stdout by its own."
# expect: "pass"
# mode: "stdin"
import sys

_, *numbers = sys.stdin.buffer.read().split()
sys.stdout.buffer.write(b"%d\n" % sum(map(int, numbers)))
