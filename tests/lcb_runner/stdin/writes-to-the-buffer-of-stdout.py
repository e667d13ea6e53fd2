# why: "stdout takes text only"
# official: -4
# real: "pass"
import sys
n, *numbers = map(int, sys.stdin.read().split())
sys.stdout.buffer.write(b"%d\n" % sum(numbers))
