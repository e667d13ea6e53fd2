# tries: "Gives the right answer as an object's last reference goes, whose destructor loops."
# expect: ["time_limit"]
# time_s: 1
class Slow:
    def __del__(self):
        while True:
            pass


def add(a, b):
    slow = Slow()
    return slow and a + b
