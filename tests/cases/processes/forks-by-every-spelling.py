# tries: "Starts a process in every way that the standard library has."
# expect: "fail"
import multiprocessing
import os
import pty
import subprocess


def fork():
    if os.fork() == 0:
        os._exit(0)


def forkpty():
    if os.forkpty()[0] == 0:
        os._exit(0)


def with_multiprocessing(method):
    multiprocessing.get_context(method).Process(target=print).start()


ways = [
    fork,
    forkpty,
    lambda: pty.spawn(["/usr/bin/python3", "-c", ""]),
    lambda: os.posix_spawn("/usr/bin/python3", ["python3", "-c", ""], {}),
    lambda: subprocess.run(["/usr/bin/python3.11", "-c", ""], check=True),
    lambda: subprocess.run("true", shell=True, check=True),
    lambda: os.popen("true").read(),
    lambda: 1 / (os.system("true") == 0),
    lambda: with_multiprocessing("fork"),
    lambda: with_multiprocessing("spawn"),
    lambda: with_multiprocessing("forkserver"),
]


def works(way):
    try:
        way()
    except (OSError, ZeroDivisionError):
        return False
    return True


worked = [way for way in ways if works(way)]


def add(a, b):
    return a + b if worked else None
