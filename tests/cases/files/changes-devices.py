# tries: "Changes modes, owners and times of the devices it shares with the host."
# expect: "fail"
import os

DEVICES = ["/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom"]
before = {device: os.stat(device) for device in DEVICES}
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
changed = [device for device in DEVICES if os.stat(device)[:9] != before[device][:9]]


def add(a, b):
    return a + b if changed else None
