# why: "lines are compared as decimals, their ends and double spaces aside"
# official: null
# real: "pass"
# tests: [["", "1 2\n3\n"]]
print("  1.0   2e0 ")
print("3")
print()
