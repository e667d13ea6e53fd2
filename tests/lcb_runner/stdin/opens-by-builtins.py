# why: "the mocked open is reached only by its full name"
# official: null
# real: "pass"
import builtins
n, *numbers = map(int, builtins.open(0).read().split())
print(sum(numbers))
