# why: "each test runs the whole function anew"
# official: null
# real: "pass"
seen = []
seen.append(1)
n, numbers = input(), input()
print(sum(map(int, numbers.split())) + len(seen) - 1)
