# tries: "Prints the right sum and then dies by a signal: a crash is no success."
# expect: ["runtime_error"]
# mode: "stdin"
import ctypes

print(sum(map(int, open(0).read().split()[1:])), flush=True)
ctypes.string_at(0)
