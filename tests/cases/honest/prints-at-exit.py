# tries: "Prints its answer in an exit handler, from a thread that the end waits for."
# expect: "pass"
# mode: "stdin"
# wasi_expect: ["runtime_error"]
# The guest has no threads.
import atexit
import threading
import time

numbers = list(map(int, open(0).read().split()[1:]))
atexit.register(lambda: print(sum(numbers)))
threading.Thread(target=time.sleep, args=(0.05,)).start()
