# why: "a syntax error is found while loading"
# official: -4
# real: "compile_error"
print(sum(map(int, input().split()))
