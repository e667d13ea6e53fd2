# tries: "Sets O_NONBLOCK on the event counters it shares with later programs, whose waits would then fail."
# expect: "pass"
# wasi_expect: ["runtime_error"]
# The guest has no fcntl.
import fcntl
import os

for gate in (3, 4):
    fcntl.fcntl(gate, fcntl.F_SETFL, os.O_NONBLOCK)


def add(a, b):
    return a + b
