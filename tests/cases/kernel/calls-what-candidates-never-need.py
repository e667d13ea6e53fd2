# tries: "Calls io_uring, bpf, perf, userfaultfd, keys, modules, kexec, reboot and other doors of the kernel by number."
# expect: "fail"
import ctypes

libc = ctypes.CDLL(None)
memory = ctypes.create_string_buffer(4096)
CALLS = {
    "io_uring": [(425, 8, memory), (426, 3, 1, 0, 0, 0, 0), (427, 3, 0, 0, 0)],
    "bpf, perf_event_open, userfaultfd": [(321, 0, memory, 72), (298, memory, 0, -1, -1, 0), (323, 1)],
    "keys": [(250, 0, -3, 1), (248, b"user", b"trialbox-case", b"x", 1, -3), (249, b"user", b"x", 0, 0)],
    "personality, modify_ldt, ports": [(135, 0xFFFFFFFF), (154, 0, memory, 16), (172, 3), (173, 0, 1, 1)],
    "modules": [(175, memory, 16, b""), (176, b"x", 0), (313, 0, b"", 0)],
    "kexec, reboot": [(246, 0, 0, 0, 0), (320, 0, 0, 0, 0, 0), (169, 0, 0, 0, 0)],
    "names": [(170, b"case", 4), (171, b"case", 4)],
    "clocks": [(164, memory, 0), (227, 0, memory), (159, memory), (305, 0, memory)],
    "kernel messages, seccomp, terminals": [(103, 3, memory, 100), (317, 2, 0, memory), (153,), (16, 0, 0x5412, b"x")],
    "users": [(105, 0), (106, 0), (116, 0, 0), (117, 0, 0, 0), (122, 0)],
    "pages of others": [(256, 0, 0, 0, 0), (279, 0, 0, 0, 0, 0, 0), (237, 0, 0, 0, 0, 0, 0), (238, 0, 0, 0)],
    "landlock, dcookie": [(444, memory, 0, 0), (212, 0, memory, 1)],
    "timers and signals as files": [(222, 0, memory, memory), (289, -1, memory, 8, 0), (283, 0, 0)],
    "pipes without copies": [(275, 0, 0, 1, 0, 1, 0), (276, 0, 1, 1, 0), (278, 1, memory, 0, 0)],
    "memory locks, keys and barriers": [(151, 1), (330, 0, 0), (324, 0, 0, 0)],
    "sessions": [(112,), (109, 0, 0)],
    "segments": [(158, 0x1001, 0), (158, 0x1012, 1)],
}
worked = [name for name, calls in CALLS.items() for call in calls if libc.syscall(*call) >= 0]


def add(a, b):
    return a + b if worked else None
