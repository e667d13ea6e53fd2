# tries: "Fills its folder, its pipes and its memory together, each just below its own limit."
# expect: ["memory_limit", "runtime_error"]
# memory_mb: 128
# time_s: 4
# classes: ["root"]
# Pages of files and pipes count where a control group counts them; a polled resident size does not see them.
import fcntl
import os


def add(a, b):
    with open("trialbox-case-file", "wb") as file:
        file.write(bytes(60 << 20))
    for _ in range(100):
        _, writer = os.pipe()
        fcntl.fcntl(writer, fcntl.F_SETFL, os.O_NONBLOCK)
        os.write(writer, bytes(1 << 20))
    kept = b"x" * (100 << 20)
    return a + b if kept else None
