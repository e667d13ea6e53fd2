# why: "quit is None"
# official: -4
# real: "pass"
n, numbers = input(), input()
print(sum(map(int, numbers.split())))
quit()
