# tries: "Calls io_uring, bpf, perf, userfaultfd, keys, modules, kexec, reboot and other doors of the kernel by number."
# expect: "fail"
import ctypes

libc = ctypes.CDLL(None)
memory = ctypes.create_string_buffer(4096)
CALLS = {
    "io_uring_setup": (425, 8, memory), "io_uring_enter": (426, 3, 1, 0, 0, 0, 0), "io_uring_register": (427, 3, 0, 0, 0),
    "bpf": (321, 0, memory, 72), "perf_event_open": (298, memory, 0, -1, -1, 0), "userfaultfd": (323, 1),
    "keyctl": (250, 0, -3, 1), "add_key": (248, b"user", b"trialbox-case", b"x", 1, -3), "request_key": (249, b"user", b"x", 0, 0),
    "personality": (135, 0xFFFFFFFF), "modify_ldt": (154, 0, memory, 16), "iopl": (172, 3), "ioperm": (173, 0, 1, 1),
    "init_module": (175, memory, 16, b""), "delete_module": (176, b"x", 0), "finit_module": (313, 0, b"", 0),
    "kexec_load": (246, 0, 0, 0, 0), "kexec_file_load": (320, 0, 0, 0, 0, 0), "reboot": (169, 0, 0, 0, 0),
    "sethostname": (170, b"case", 4), "setdomainname": (171, b"case", 4), "settimeofday": (164, memory, 0),
    "clock_settime": (227, 0, memory), "adjtimex": (159, memory), "clock_adjtime": (305, 0, memory),
    "syslog": (103, 3, memory, 100), "seccomp": (317, 2, 0, memory), "setuid": (105, 0), "setgid": (106, 0),
    "setgroups": (116, 0, 0), "setresuid": (117, 0, 0, 0), "setfsuid": (122, 0), "vhangup": (153,),
    "migrate_pages": (256, 0, 0, 0, 0), "move_pages": (279, 0, 0, 0, 0, 0, 0), "mbind": (237, 0, 0, 0, 0, 0, 0),
    "set_mempolicy": (238, 0, 0, 0), "landlock": (444, memory, 0, 0), "lookup_dcookie": (212, 0, memory, 1),
    "timer_create": (222, 0, memory, memory), "signalfd4": (289, -1, memory, 8, 0), "timerfd_create": (283, 0, 0),
    "splice": (275, 0, 0, 1, 0, 1, 0), "tee": (276, 0, 1, 1, 0), "vmsplice": (278, 1, memory, 0, 0),
    "mlockall": (151, 1), "pkey_alloc": (330, 0, 0), "membarrier": (324, 0, 0, 0), "setsid": (112,), "setpgid": (109, 0, 0),
    "arch_prctl_set_gs": (158, 0x1001, 0), "arch_prctl_cpuid": (158, 0x1012, 1), "ioctl_tiocsti": (16, 0, 0x5412, b"x"),
}
worked = [name for name, call in CALLS.items() if libc.syscall(*call) >= 0]


def add(a, b):
    return a + b if worked else None
