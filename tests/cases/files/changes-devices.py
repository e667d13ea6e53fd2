# tries: "Changes modes, owners and times of the devices it shares with the host."
# expect: "fail"
import os

DEVICES = ["/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom"]


def marks(device):
    about = os.stat(device)
    return about.st_mode, about.st_uid, about.st_mtime_ns, about.st_ctime_ns


before = {device: marks(device) for device in DEVICES}
for device in DEVICES:
    for change in (
        lambda: os.chmod(device, 0o644),
        lambda: os.chown(device, os.getuid(), os.getgid()),
        lambda: os.utime(device, (0, 0)),
        lambda: os.utime(device),
        lambda: os.truncate(device, 0),
    ):
        try:
            change()
        except OSError:
            pass
changed = [device for device in DEVICES if marks(device) != before[device]]


def add(a, b):
    return a + b if changed else None
