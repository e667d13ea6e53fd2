# tries: "Prints the right sum, but leaves a thread for which Python waits at the end."
# expect: ["time_limit"]
# mode: "stdin"
# time_s: 1
# wasi_expect: ["runtime_error"]
# The guest has no threads.
import threading

print(sum(map(int, open(0).read().split()[1:])), flush=True)
threading.Thread(target=threading.Event().wait).start()
