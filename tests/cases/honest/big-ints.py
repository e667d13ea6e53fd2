# tries: "Computes with ints of many thousand digits and returns some."
# expect: "pass"
# entry_point: "power"
# calls: [[[2, 10], null], [[10, 30], null], [[-3, 3], null], [[7, 5000], null]]
# expected_py: "[1024, 10**30, -27, 7**5000]"
import math


def power(base, exponent):
    large = math.factorial(3_000)
    return large * base**exponent // large
