# tries: "Removes, renames or replaces the folders that later programs write to."
# expect: "pass"
import os


def attempt(act, *paths):
    try:
        act(*paths)
    except OSError:
        pass


os.mkdir("trialbox-case-folder")
for folder in ("/tmp", "/var/tmp", "/dev/shm", "/dev", "/run"):
    attempt(os.rmdir, folder)
    attempt(os.remove, folder)
    attempt(os.rename, folder, "/trialbox-case-renamed")
    attempt(os.rename, "trialbox-case-folder", folder)


def add(a, b):
    return a + b
