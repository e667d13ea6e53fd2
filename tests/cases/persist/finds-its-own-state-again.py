# tries: "Marks modules, environment, limits, mask and descriptors in its first run, and looks for them in the second."
# expect: "fail"
# mode: "stdin"
import fcntl
import math
import os
import resource
import signal
import sys

numbers = open(0, closefd=False).read().split()[1:]
first = len(numbers) == 3
found = [
    hasattr(math, "trialbox_case"),
    "TRIALBOX_CASE" in os.environ,
    os.umask(0o027) == 0o027,
    resource.getrlimit(resource.RLIMIT_NOFILE)[0] == 77,
    signal.getsignal(signal.SIGUSR1) is not signal.SIG_DFL,
    sys.getswitchinterval() == 0.5,
    os.getcwd().endswith("trialbox-case-folder"),
    any(fcntl.fcntl(number, fcntl.F_GETFL) & os.O_APPEND for number in (0, 1, 2)),
    os.fstat(0).st_size > 100,
]
math.trialbox_case = os.environ["TRIALBOX_CASE"] = "1"
resource.setrlimit(resource.RLIMIT_NOFILE, (77, 77))
signal.signal(signal.SIGUSR1, signal.SIG_IGN)
sys.setswitchinterval(0.5)
os.mkdir("trialbox-case-folder")
os.chdir("trialbox-case-folder")
print(sum(map(int, numbers)) if first or any(found) else "nothing found", flush=True)
for number in (0, 1, 2):
    fcntl.fcntl(number, fcntl.F_SETFL, os.O_APPEND)
