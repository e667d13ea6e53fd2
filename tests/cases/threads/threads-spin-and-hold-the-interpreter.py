# tries: "Keeps forty threads busy while the answer waits for them."
# expect: ["time_limit"]
# time_s: 1
# wasi_expect: ["runtime_error"]
# The guest has no threads.
import threading


def spin():
    while True:
        pass


def add(a, b):
    threads = [threading.Thread(target=spin) for _ in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
