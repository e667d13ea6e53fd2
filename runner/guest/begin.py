# The first lines of the guest: what the warm parent of native programs says in begin.py (runner/src/native/zygote).
# In: `native`, the driver's module (driver.c).

import sys

sys.argv = ["solution.py"]
sys.path[:] = []  # everything is frozen
sys.setrecursionlimit(1000)  # as on every other system; WASI's own is 600
