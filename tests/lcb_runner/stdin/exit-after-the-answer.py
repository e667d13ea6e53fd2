# why: "an exit is an end like any other"
# official: null
# real: "pass"
n, numbers = input(), input()
print(sum(map(int, numbers.split())))
exit()
