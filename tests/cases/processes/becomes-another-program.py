# tries: "Replaces itself by another program: by path, by descriptor, by the dynamic linker, from a file of its own."
# expect: "fail"
import os
import sys

with open("trialbox-case-script", "w") as script:
    script.write("#!/usr/bin/python3\nimport os\nos._exit(0)\n")
os.chmod("trialbox-case-script", 0o755)
descriptor = os.open(sys.executable or "/usr/bin/python3", os.O_RDONLY)
for program in ("/usr/bin/python3", "trialbox-case-script", "/lib64/ld-linux-x86-64.so.2", descriptor):
    try:
        os.execve(program, ["python3", "-c", "import os; os._exit(0)"], {})
    except OSError:
        pass


def add(a, b):
    return None
