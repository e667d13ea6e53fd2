# tries: "Fills its folder, its pipes and its memory together, each just below its own limit."
# expect: "fail"
# memory_mb: 128
# time_s: 4
# classes: ["root"]
# Pages of files and pipes count where a control group counts them; a polled resident size does not see them.
import fcntl
import os

F_SETPIPE_SZ = 1031


def add(a, b):
    with open("trialbox-case-file", "wb") as file:
        file.write(bytes(60 << 20))
    pipes = [os.pipe() for _ in range(40)]
    for _, writer in pipes:
        fcntl.fcntl(writer, F_SETPIPE_SZ, 1 << 20)
        os.set_blocking(writer, False)
        os.write(writer, bytes(1 << 20))
    kept = b"x" * (100 << 20)
    return a + b if kept else None
