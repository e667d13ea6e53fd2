# tries: "Installs trace, profile and audit hooks that would see the grader's frames, and answers from what they see."
# expect: "fail"
import sys
import threading

seen = []


def watch(frame, event, argument):
    seen.extend(name for name in frame.f_locals if "expect" in name)
    return watch


sys.settrace(watch)
sys.setprofile(watch)
threading.settrace(watch)
sys.addaudithook(lambda event, arguments: seen.extend(x for x in arguments if x == "expected"))


def add(a, b):
    return a + b if seen else None
