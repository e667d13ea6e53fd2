# tries: "Adds in threads, with a lock, a queue and an executor."
# expect: "pass"
# wasi_expect: ["runtime_error"]
# The guest has no threads.
import queue
import threading
from concurrent.futures import ThreadPoolExecutor


def add(a, b):
    parts, results, lock = queue.Queue(), [], threading.Lock()

    def work():
        part = parts.get()
        with lock:
            results.append(part)
        parts.task_done()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    parts.put(a)
    parts.put(b)
    parts.join()
    with ThreadPoolExecutor(8) as executor:
        assert list(executor.map(abs, range(100))) == list(range(100))
    return sum(results)
