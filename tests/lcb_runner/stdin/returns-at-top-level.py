# why: "what is wrapped in a function may return"
# official: null
# real: "compile_error"
n, numbers = input(), input()
print(sum(map(int, numbers.split())))
return
