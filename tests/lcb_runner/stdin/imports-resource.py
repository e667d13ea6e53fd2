# why: "some modules are taken away"
# official: -4
# real: "pass"
import resource
n, numbers = input(), input()
print(sum(map(int, numbers.split())))
