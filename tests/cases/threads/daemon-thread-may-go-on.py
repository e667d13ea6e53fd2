# tries: "Prints the right sum and ends while a daemon thread sleeps: Python does not wait for it."
# expect: "pass"
# mode: "stdin"
# wasi_expect: ["runtime_error"]
# The guest has no threads.
import threading
import time

threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
print(sum(map(int, open(0).read().split()[1:])))
