# tries: "Loops while it is loaded, before anything was asked of it."
# expect: ["time_limit"]
# time_s: 1
while True:
    pass
