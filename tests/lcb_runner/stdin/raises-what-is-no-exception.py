# why: "what is no Exception ends the process"
# official: -5
# real: "runtime_error"
n, numbers = input(), input()
print(sum(map(int, numbers.split())))
raise KeyboardInterrupt
