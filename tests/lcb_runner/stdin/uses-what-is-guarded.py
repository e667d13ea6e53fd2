# why: "what could do harm is None"
# official: -4
# real: "pass"
import os
n, numbers = input(), input()
print(sum(map(int, numbers.split())) + 0 * len(os.getcwd()))
