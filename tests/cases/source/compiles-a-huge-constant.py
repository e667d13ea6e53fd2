# tries: "Has the compiler work out a constant of gigabytes before anything runs."
# expect: "fail"
# memory_mb: 128
# time_s: 1
HUGE = ((((1 << 10_000) ** 1_000) ** 1_000) % 7) * "x"


def add(a, b):
    return HUGE and None
