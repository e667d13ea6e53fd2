# tries: "Ends with quit() after its answer, as the site module gives it."
# expect: "pass"
# mode: "stdin"
input()
print(sum(map(int, input().split())))
quit()
