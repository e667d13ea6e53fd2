# why: "each test has all its time"
# official: null
# real: "pass"
# time_s: 0.8
import time
n, numbers = input(), input()
begun = time.process_time()
while time.process_time() - begun < 0.4:
    pass
print(sum(map(int, numbers.split())))
