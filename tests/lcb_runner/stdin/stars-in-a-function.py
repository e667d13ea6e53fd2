# why: "a star import below the top level is no more allowed"
# official: -4
# real: "pass"
try:
    from math import *
except ImportError:
    pass
n, numbers = input(), input()
print(sum(map(int, numbers.split())))
