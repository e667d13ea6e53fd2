# why: "what is written to the real stdout is not seen"
# official: -2
# real: "pass"
import os, sys
n, *numbers = map(int, sys.stdin.read().split())
os.write(1, b"%d\n" % sum(numbers))
