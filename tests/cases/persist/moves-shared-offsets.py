# tries: "Moves and locks the descriptors it shares with later programs."
# expect: "pass"
# mode: "stdin"
# wasi_expect: ["runtime_error"]
# The guest has no fcntl.
import fcntl
import os

print(sum(map(int, open(0, closefd=False).read().split()[1:])), flush=True)
for number in (0, 1, 2):
    fcntl.fcntl(number, fcntl.F_SETFL, os.O_NONBLOCK)
    os.lseek(number, 1 << 40, os.SEEK_SET)
fcntl.lockf(1, fcntl.LOCK_EX)
