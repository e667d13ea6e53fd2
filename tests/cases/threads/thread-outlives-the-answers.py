# tries: "Answers while a thread waits to write a file once everything has been judged."
# expect: "pass"
# wasi_expect: ["runtime_error"]
# The guest has no threads.
import threading
import time


def later():
    time.sleep(0.3)
    with open("trialbox-case-late", "w") as file:
        file.write("late")


threading.Thread(target=later).start()


def add(a, b):
    return a + b
