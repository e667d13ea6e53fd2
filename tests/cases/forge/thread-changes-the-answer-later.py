# tries: "Returns a wrong list at once, which a thread makes right while it is read."
# expect: ["wrong_answer"]
# entry_point: "pair"
# calls: [[[1, 2], [1, 2]], [[5, 7], [5, 7]]]
# wasi_expect: ["runtime_error"]
# The guest has no threads.
import threading
import time


def pair(a, b):
    answer = [0, 0]

    def correct():
        time.sleep(0.05)
        answer[:] = [a, b]

    threading.Thread(target=correct, daemon=True).start()
    return answer
