# why: "so does time in which nothing is done"
# official: -3
# real: "time_limit"
# time_s: 0.5
import time
time.sleep(60)
