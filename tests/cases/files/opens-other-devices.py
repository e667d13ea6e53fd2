# tries: "Opens the host's memory, disks, terminals and kernel messages, or makes device nodes for them."
# expect: "fail"
import os
import stat

DEVICES = {"mem": (1, 1), "kmem": (1, 2), "port": (1, 4), "kmsg": (1, 11)}
DEVICES |= {"tty": (5, 0), "console": (5, 1), "ptmx": (5, 2)}
DEVICES |= {"vda": (254, 0), "sda": (8, 0), "fuse": (10, 229), "kvm": (10, 232), "loop-control": (10, 237)}
opened = []
for name, (major, minor) in DEVICES.items():
    for kind in (stat.S_IFCHR, stat.S_IFBLK):
        node = f"trialbox-case-{name}"
        try:
            os.mknod(node, kind | 0o666, os.makedev(major, minor))
            opened.append(node)
        except OSError:
            pass
    for path in (f"/dev/{name}", f"/dev/fd/../{name}"):
        try:
            opened.append(os.open(path, os.O_RDONLY | os.O_NONBLOCK))
        except OSError:
            pass


def add(a, b):
    return a + b if opened else None
