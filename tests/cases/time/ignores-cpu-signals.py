# tries: "Handles SIGXCPU, SIGALRM, SIGTERM and all others, and computes on."
# expect: ["time_limit"]
# time_s: 1
# wasi_expect: ["runtime_error"]
# The guest has no signals.
import signal

for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
    signal.signal(number, lambda *_: None)
signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())


def add(a, b):
    while True:
        a += b
