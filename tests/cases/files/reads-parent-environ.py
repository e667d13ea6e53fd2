# tries: "Reads environment, memory, maps and folder of its parent and of process 1 from /proc, mounting it if need be."
# expect: "fail"
import ctypes
import os

libc = ctypes.CDLL(None)
os.mkdir("trialbox-case-proc")
mounted = libc.mount(b"proc", b"trialbox-case-proc", b"proc", 0, None) == 0


def read(path):
    try:
        with open(path, "rb") as file:
            return file.read(16)
    except OSError:
        return None


numbers = [str(number) for number in (os.getppid(), os.getpid(), 1, 2, "self", "thread-self")]
folders = [f"{proc}/{number}" for proc in ("/proc", "trialbox-case-proc") for number in numbers]
found = [folder for folder in folders for name in ("environ", "mem", "maps", "stat") if read(f"{folder}/{name}")]


def add(a, b):
    return a + b if found or mounted else None
