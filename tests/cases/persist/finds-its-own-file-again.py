# tries: "Leaves a file in its first run, in every folder that takes one, and answers only if its second run finds it."
# expect: "fail"
# mode: "stdin"
import os

numbers = open(0).read().split()[1:]
paths = [os.path.join(folder, "trialbox-case-mark") for folder in (".", "/tmp", "/var/tmp", "/dev/shm", "/run", "/")]
first = len(numbers) == 3
found = any(os.path.exists(path) for path in paths)
for path in paths:
    try:
        open(path, "w").close()
    except OSError:
        pass
print(sum(map(int, numbers)) if first or found else "nothing found")
