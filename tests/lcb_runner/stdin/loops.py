# why: "CPU time counts, of each test by itself"
# official: -3
# real: "time_limit"
# time_s: 0.5
while True:
    pass
