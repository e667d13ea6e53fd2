# tries: "Fills the supervisor's event counters to the brim, so that its own writes to them block for ever."
# expect: "fail"
# time_s: 1
# wall_s: 5
import os

FULL = (2**64 - 2).to_bytes(8, "little")
for gate in (4, 3):
    os.write(gate, FULL)


def add(a, b):
    os._exit(0)
