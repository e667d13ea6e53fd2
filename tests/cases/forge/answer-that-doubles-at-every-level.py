# tries: "Returns a list of 60 levels, each holding the level below twice: 2^60 leaves in 60 objects."
# expect: "fail"
# time_s: 1
def add(a, b):
    level = [a + b]
    for _ in range(60):
        level = [level, level]
    return level
