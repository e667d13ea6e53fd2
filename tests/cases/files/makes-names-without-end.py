# tries: "Makes as many files, and as deep folders, as it is allowed; ten thousand of each are too many."
# expect: "fail"
import os

COUNT = 10_000
made = deep = 0
try:
    for made in range(COUNT):
        os.close(os.open(f"trialbox-case-{made}-" + "x" * 200, os.O_CREAT))
except OSError:
    os.remove("trialbox-case-0-" + "x" * 200)
try:
    for deep in range(COUNT):
        os.mkdir("d")
        os.chdir("d")
except OSError:
    pass


def add(a, b):
    return a + b if COUNT - 1 in (made, deep) else None
