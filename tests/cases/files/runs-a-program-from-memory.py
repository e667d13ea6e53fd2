# tries: "Makes files in memory to run programs from, and runs the dynamic linker by its descriptor alone."
# expect: "fail"
# mode: "stdin"
import ctypes
import glob
import os

ANSWER = "print(sum(map(int, open(0).read().split()[1:])))"
MEMFD_CREATE, MEMFD_SECRET, EXECVEAT, AT_EMPTY_PATH = 319, 447, 322, 0x1000
libc = ctypes.CDLL(None)
numbers = open(0, closefd=False).read().split()[1:]
made = [libc.syscall(MEMFD_CREATE, b"trialbox-case", 0), libc.syscall(MEMFD_SECRET, 0)]
os.lseek(0, 0, os.SEEK_SET)
python = glob.glob("/usr/bin/python3*")[0]
arguments = (ctypes.c_char_p * 4)(b"python3", b"-c", ANSWER.encode(), None)
libc.syscall(EXECVEAT, os.open(python, os.O_RDONLY), b"", arguments, None, AT_EMPTY_PATH)
print(sum(map(int, numbers)) if max(made) >= 0 else "nothing made")
