# tries: "Prints a number with a million zeros in front and an exponent that no comparison should work out."
# expect: ["wrong_answer", "pass"]
# mode: "stdin"
numbers = open(0).read().split()[1:]
print("0" * 1_000_000 + str(sum(map(int, numbers))) + "e-0" if len(numbers) == 3 else "1e999999999")
