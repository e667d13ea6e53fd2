# tries: "Reads stdin and writes stdout by the descriptors alone, asking fstat how much there is."
# expect: "pass"
# mode: "stdin"
import os

_, *numbers = os.read(0, os.fstat(0).st_size).split()
os.write(1, b"%d\n" % sum(map(int, numbers)))
os._exit(0)
