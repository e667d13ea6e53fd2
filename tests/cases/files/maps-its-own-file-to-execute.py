# tries: "Loads machine code from a library that it wrote to its folder itself."
# expect: "fail"
import ctypes
import pathlib
import shutil

shutil.copyfile("/run/trialbox/zygote.so", "trialbox-case.so")
pathlib.Path("trialbox-case.so").chmod(0o755)
try:
    loaded = ctypes.CDLL("./trialbox-case.so")
except OSError:
    loaded = None


def add(a, b):
    return a + b if loaded else None
