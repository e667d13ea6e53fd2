# tries: "Captures what it prints, and writes its answer to the original stdout without a flush."
# expect: "pass"
# mode: "stdin"
import io
import sys

sys.stdout = io.StringIO()
print("not part of the answer")
sys.__stdout__.write(str(sum(map(int, open(0).read().split()[1:]))))
