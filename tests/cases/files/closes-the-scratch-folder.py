# tries: "Takes away every right to the folder that later programs write to, leaving a file in it."
# expect: "pass"
import os

open("trialbox-case-locked-in", "w").close()
for folder in (os.getcwd(), "/tmp", "/var/tmp", "/dev/shm", "/"):
    for change in (lambda path: os.utime(path, (0, 0)), lambda path: os.chmod(path, 0)):
        try:
            change(folder)
        except OSError:
            pass


def add(a, b):
    return a + b
