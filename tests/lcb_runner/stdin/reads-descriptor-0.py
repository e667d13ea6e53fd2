# why: "the real stdin is empty"
# official: -4
# real: "pass"
import os
n, *numbers = map(int, os.read(0, 1000).split())
print(sum(numbers))
