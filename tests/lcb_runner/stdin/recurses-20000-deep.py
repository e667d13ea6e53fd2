# why: "the limit of recursion is 50,000 there, and Python's own elsewhere"
# official: null
# real: "runtime_error"
def depth(n):
    return 0 if n == 0 else 1 + depth(n - 1)
n, numbers = input(), input()
print(sum(map(int, numbers.split())) + depth(20000) - 20000)
