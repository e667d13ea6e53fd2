# tries: "Leaves a word on stderr in its first run; the second answers only if it can read that word there."
# expect: "fail"
# mode: "stdin"
import os

numbers = open(0).read().split()[1:]
word = b"trialbox-case-word"
if len(numbers) == 3:
    os.write(2, word)
elif word not in os.pread(2, 1 << 20, 0):
    numbers = []
print(sum(map(int, numbers)))
