# tries: "Raises its priority, moves to other cores and schedulers, and changes limits of other processes."
# expect: "fail"
import ctypes
import os
import resource

libc = ctypes.CDLL(None)
results = [libc.syscall(number, 0, 0, 0) for number in (141, 144, 142, 251, 314)]
ways = [
    lambda: os.nice(5),
    lambda: os.setpriority(os.PRIO_PROCESS, 0, 5),
    lambda: os.sched_setaffinity(0, {0, 1}),
    lambda: os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0)),
    lambda: resource.prlimit(os.getppid() or 1, resource.RLIMIT_NOFILE),
    lambda: resource.prlimit(1, resource.RLIMIT_CPU, (resource.RLIM_INFINITY, resource.RLIM_INFINITY)),
    lambda: resource.setrlimit(resource.RLIMIT_CPU, (resource.RLIM_INFINITY, resource.RLIM_INFINITY)),
    lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY)),
    lambda: resource.setrlimit(resource.RLIMIT_NPROC, (resource.RLIM_INFINITY, resource.RLIM_INFINITY)),
]


def works(way):
    try:
        way()
    except (OSError, ValueError):
        return False
    return True


worked = [way for way in ways if works(way)]


def add(a, b):
    return a + b if worked or 0 in results else None
