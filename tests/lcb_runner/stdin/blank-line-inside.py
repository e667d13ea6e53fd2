# why: "one line more, and a blank one, is one too many"
# official: -2
# real: "wrong_answer"
# tests: [["", "1 2\n3\n"]]
print("1 2")
print()
print("3")
