# why: "what yields is a generator, and nothing runs"
# official: -2
# real: "compile_error"
n, numbers = input(), input()
print(sum(map(int, numbers.split())))
yield
