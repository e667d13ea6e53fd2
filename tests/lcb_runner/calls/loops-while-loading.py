# why: "loading has a limit of its own, and an alarm there is an error as any other"
# official: -4
# real: "time_limit"
# time_s: 0.5
while True:
    pass
