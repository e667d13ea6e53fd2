# why: "words are no decimals"
# official: -2
# real: "wrong_answer"
# tests: [["", "a b\n"]]
print("a  b")
