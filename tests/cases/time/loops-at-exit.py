# tries: "Prints the right sum, then loops in an exit handler that raises and catches everything."
# expect: ["time_limit"]
# mode: "stdin"
# time_s: 1
import atexit


@atexit.register
def loop():
    while True:
        try:
            raise SystemExit
        except BaseException:
            pass


print(sum(map(int, open(0).read().split()[1:])), flush=True)
