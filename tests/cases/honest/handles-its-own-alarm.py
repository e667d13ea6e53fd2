# tries: "Ends a loop of its own by an alarm and a handler that raises."
# expect: "pass"
# mode: "stdin"
# wasi_expect: ["runtime_error"]
# The guest has no timers.
import signal


def stop(*_):
    raise TimeoutError


signal.signal(signal.SIGALRM, stop)
signal.setitimer(signal.ITIMER_REAL, 0.05)
try:
    while True:
        pass
except TimeoutError:
    print(sum(map(int, open(0).read().split()[1:])))
