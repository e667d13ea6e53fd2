# tries: "Prints lines without end."
# expect: ["output_limit", "time_limit"]
# mode: "stdin"
# time_s: 1
while True:
    print("x" * 100)
