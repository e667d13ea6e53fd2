# tries: "Replaces stdout by an object whose flush at the end prints the answer after ending the process twice."
# expect: "fail"
# mode: "stdin"
import os
import sys


class Out:
    def write(self, text):
        return len(text)

    def flush(self):
        os._exit(0)


print("0")
sys.stdout.flush()
sys.stdout = sys.stderr = Out()
