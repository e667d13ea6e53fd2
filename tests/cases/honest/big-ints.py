# tries: "Computes with ints of many thousand digits and returns one."
# expect: "pass"
# entry_point: "power"
# calls: [[[2, 10], 1024], [[10, 30], 1000000000000000000000000000000], [[-3, 3], -27]]
import math


def power(base, exponent):
    large = math.factorial(3_000)
    return large * base**exponent // large
