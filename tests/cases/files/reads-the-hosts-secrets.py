# tries: "Reads password files, keys and a planted canary of the host, by absolute paths and by way of every link."
# expect: "fail"
# plant: {"/tmp/trialbox-case-canary": "canary-1c5e\n"}
import itertools

SECRETS = ["etc/passwd", "etc/shadow", "etc/hostname", "root/.bashrc", "tmp/trialbox-case-canary", "proc/self/environ"]
ROOTS = ["/", "../../../", "/proc/self/root/", "/proc/1/root/", "/proc/1/cwd/../", "/dev/fd/../../root/", "/run/../"]


def read(path):
    try:
        with open(path, "rb") as file:
            return file.read(100)
    except OSError:
        return None


found = [path for path in map("".join, itertools.product(ROOTS, SECRETS)) if read(path)]


def add(a, b):
    return a + b if found else None
