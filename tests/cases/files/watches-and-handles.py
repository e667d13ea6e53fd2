# tries: "Watches the host's folders, opens files by handles, sets extended attributes, quotas and swap."
# expect: "fail"
import ctypes
import os

libc = ctypes.CDLL(None)
calls = {
    "inotify_init": (253,),
    "inotify_init1": (294, 0),
    "fanotify_init": (300, 0, 0),
    "name_to_handle_at": (303, -100, b"/usr/lib", ctypes.create_string_buffer(b"\x80" + bytes(255)), bytes(8), 0),
    "open_by_handle_at": (304, -100, ctypes.create_string_buffer(16), 0),
    "setxattr": (188, b"/tmp", b"user.trialbox", b"x", 1, 0),
    "lsetxattr": (189, b"/tmp", b"user.trialbox", b"x", 1, 0),
    "acct": (163, 0),
    "swapon": (167, b"/tmp/trialbox-case-swap", 0),
    "quotactl": (179, 0, b"/dev/vda", 0, 0),
    "link": (86, b"/usr/bin/python3", b"trialbox-case-link"),
    "mknod": (133, b"trialbox-case-pipe", 0o010644, 0),
    "sync": (162,),
    "flock": (73, 1, 2),
}
open("trialbox-case-swap", "w").close()
worked = [name for name, call in calls.items() if libc.syscall(*call) >= 0]


def add(a, b):
    return a + b if worked else None
