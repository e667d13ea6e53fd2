# tries: "Leaves deep, closed and oddly named folders, which whoever cleans up after it must still get rid of."
# expect: "pass"
# classes: ["root", "user"]
# wasi_expect: ["runtime_error"]
# The guest has no folders so deep.
# Elsewhere such depth is an output_limit (the folder is counted by its paths), and modes may not be changed.
import os

for name in (b"\xff\xfe\n", b"-rf", b" ", b"\\", ".trialbox-1", ".trialbox-2", "x" * 255):
    os.makedirs(os.path.join(os.fsencode(name), b"inner/deeper"))
    os.chmod(os.path.join(os.fsencode(name), b"inner/deeper"), 0)
    os.chmod(os.path.join(os.fsencode(name), b"inner"), 0)
    os.chmod(name, 0)
open(".trialbox-3", "w").close()
for _ in range(1_500):
    os.mkdir("d" * 100)
    os.chdir("d" * 100)
os.chmod(".", 0)


def add(a, b):
    return a + b
