# why: "imports come first wherever they stand"
# official: null
# real: "runtime_error"
n, numbers = input(), input()
print(int(fsum2(map(int, numbers.split()))))
from math import fsum as fsum2
