# why: "the names of the prelude are there"
# official: null
# real: "pass"
n, numbers = input(), input()
rest: List[int] = deque(map(int, numbers.split()))
print(reduce(add, rest) + floor(0.5) + len(ascii_lowercase) - 26 + int(inf > 1) - 1)
