# why: "the real stdin is empty"
# official: -4
# real: "pass"
n, *numbers = map(int, open(0).read().split())
print(sum(numbers))
