// Tries from inside a child, under everything that holds a candidate, what no candidate may do.
// Not here: what it means that something succeeded (the supervisor refuses to run, `self_test.rs`).
// Raw system calls, so that no library falls back to something milder. Whatever succeeds is undone at once where it could
// matter, though the child ends right after.

#define _GNU_SOURCE
#include "self_test.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static int can_open(const char *path, int flags) {
    long fd = syscall(SYS_openat, AT_FDCWD, path, flags | O_CLOEXEC, 0600);
    if (fd >= 0) close((int)fd);
    return fd >= 0;
}

static int can_make_socket(int family, int kind) {
    long fd = syscall(SYS_socket, family, kind, 0);
    if (fd >= 0) close((int)fd);
    return fd >= 0;
}

static int can_clone(unsigned long flags) {
    long pid = syscall(SYS_clone, flags, NULL, NULL, NULL, NULL);
    if (pid == 0) syscall(SYS_exit_group, 0);
    return pid > 0;
}

static int can_read_memory_of(int process) {
    char byte;
    struct iovec here = {&byte, 1}, there = {&byte, 1};
    return syscall(SYS_process_vm_readv, process, &here, 1, &there, 1, 0) == 1;
}

static int can_limit(int process) {
    struct rlimit now;
    return syscall(SYS_prlimit64, process, RLIMIT_NOFILE, NULL, &now) == 0;
}

void self_test(const char *file, const char *folder, int supervisor, void (*succeeded)(const char *)) {
    char path[64], attribute[64] = {0}, inside[4096];
    snprintf(path, sizeof path, "/proc/%d/environ", supervisor);
    snprintf(inside, sizeof inside, "%s/made-by-the-self-test", folder);
    struct { int64_t first, second; } zeros[8] = {{0, 0}};
#define TRY(act, happened) if (happened) succeeded(act)
    // Refused by a rule, not merely unsuccessful: most arguments below are made up.
#define TRY_CALL(act, ...) TRY(act, syscall(__VA_ARGS__) >= 0 || (errno != EPERM && errno != EACCES && errno != ENOSYS))
    // Files.
    TRY("read a file of the host", can_open(file, O_RDONLY));
    TRY("write a file of the host", can_open(file, O_WRONLY));
    TRY("list a folder of the host", can_open(folder, O_RDONLY | O_DIRECTORY));
    TRY("make a file on the host", can_open(inside, O_WRONLY | O_CREAT));
    TRY("make a file without a name", can_open(folder, O_WRONLY | O_TMPFILE));
    TRY("read /etc/passwd", can_open("/etc/passwd", O_RDONLY));
    TRY("read the environment of trialbox", can_open(path, O_RDONLY));
    TRY("read /proc/self/maps", can_open("/proc/self/maps", O_RDONLY));
    TRY("write /dev/kmsg", can_open("/dev/kmsg", O_WRONLY));
    TRY("open a terminal", can_open("/dev/tty", O_RDWR));
    TRY("change a file's mode", syscall(SYS_fchmodat, AT_FDCWD, file, 0600) == 0);
    TRY_CALL("change a file's owner", SYS_fchownat, AT_FDCWD, file, getuid(), getgid(), 0);
    TRY_CALL("give a file away", SYS_fchownat, AT_FDCWD, file, 1, 1, 0);
    TRY("change a file's times", syscall(SYS_utimensat, AT_FDCWD, file, NULL, 0) == 0);
    TRY("cut a file off", syscall(SYS_truncate, file, 0) == 0);
    TRY("link to a file of the host", syscall(SYS_linkat, AT_FDCWD, file, AT_FDCWD, "link", 0) == 0);
    TRY_CALL("map shared memory", SYS_mmap, NULL, 4096, PROT_READ, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    TRY("read /dev/zero", can_open("/dev/zero", O_RDWR)); // which can be mapped as such memory
    TRY("change a device's times", syscall(SYS_utimensat, AT_FDCWD, "/dev/null", NULL, 0) == 0);
    TRY_CALL("make a device", SYS_mknodat, AT_FDCWD, "device", S_IFCHR | 0600, 0x103);
    TRY_CALL("watch files", SYS_inotify_init1, 0);
    TRY_CALL("make a file in memory", SYS_memfd_create, "x", 0);
    TRY_CALL("seal a file", SYS_fcntl, 1, F_ADD_SEALS, 0);
    // Processes.
    TRY("fork", can_clone(SIGCHLD));
    TRY("give trialbox a child", can_clone(SIGCHLD | CLONE_PARENT));
    TRY("make a process in a user namespace", can_clone(SIGCHLD | CLONE_NEWUSER));
    TRY_CALL("make a process by clone3", SYS_clone3, zeros, sizeof zeros);
    TRY_CALL("run another program", SYS_execve, "/nonexistent", NULL, NULL);
    TRY_CALL("run a program by descriptor", SYS_execveat, 0, "", NULL, NULL, AT_EMPTY_PATH);
    TRY("signal trialbox", syscall(SYS_kill, supervisor, 0) == 0);
    TRY("signal a thread of trialbox", syscall(SYS_tgkill, supervisor, supervisor, 0) == 0);
    TRY_CALL("send signals", SYS_kill, supervisor, 0);
    TRY_CALL("send signals to threads", SYS_tgkill, supervisor, supervisor, 0);
    TRY_CALL("signal itself", SYS_kill, getpid(), 0);
    TRY_CALL("open trialbox as a descriptor", SYS_pidfd_open, supervisor, 0);
    TRY_CALL("have signals sent to trialbox", SYS_fcntl, 1, F_SETOWN, supervisor);
    TRY_CALL("choose a signal", SYS_fcntl, 1, F_SETSIG, SIGKILL);
    TRY_CALL("trace trialbox", SYS_ptrace, PTRACE_SEIZE, supervisor, NULL, NULL);
    TRY_CALL("be traced", SYS_ptrace, PTRACE_TRACEME, 0, NULL, NULL);
    TRY("read the memory of trialbox", can_read_memory_of(supervisor));
    TRY("see the limits of trialbox", can_limit(supervisor));
    TRY_CALL("move trialbox to other cores", SYS_sched_setaffinity, supervisor, sizeof zeros, zeros);
    TRY_CALL("change its priority", SYS_setpriority, PRIO_PROCESS, 0, 0);
    TRY_CALL("leave its session", SYS_setsid);
    TRY_CALL("type into a terminal", SYS_ioctl, 0, TIOCSTI, "x");
    // Network and other ways out.
    TRY("make an internet socket", can_make_socket(AF_INET, SOCK_STREAM));
    TRY("make an IPv6 socket", can_make_socket(AF_INET6, SOCK_DGRAM));
    TRY("make a unix socket", can_make_socket(AF_UNIX, SOCK_STREAM));
    TRY("make a netlink socket", can_make_socket(AF_NETLINK, SOCK_RAW));
    TRY("make a vsock socket", can_make_socket(AF_VSOCK, SOCK_STREAM));
    TRY("make a crypto socket", can_make_socket(AF_ALG, SOCK_SEQPACKET));
    TRY_CALL("make a shared memory segment", SYS_shmget, 0, 4096, 0600);
    TRY_CALL("make semaphores", SYS_semget, 0, 1, 0600);
    TRY_CALL("make a message queue", SYS_msgget, 0, 0600);
    TRY_CALL("make a POSIX message queue", SYS_mq_open, "x", O_RDWR | O_CREAT, 0600, NULL);
    // The kernel.
    TRY_CALL("make a user namespace", SYS_unshare, CLONE_NEWUSER);
    TRY_CALL("make a mount namespace", SYS_unshare, CLONE_NEWNS);
    TRY_CALL("mount", SYS_mount, "none", "/", "tmpfs", 0, NULL);
    TRY_CALL("open a new mount", SYS_fsopen, "tmpfs", 0);
    TRY_CALL("copy a mount", SYS_open_tree, AT_FDCWD, "/", 1);
    TRY_CALL("change the root", SYS_chroot, "/");
    TRY_CALL("use io_uring", SYS_io_uring_setup, 1, zeros);
    TRY_CALL("use bpf", SYS_bpf, 0, zeros, sizeof zeros);
    TRY_CALL("use perf", SYS_perf_event_open, zeros, 0, -1, -1, 0);
    TRY_CALL("use userfaultfd", SYS_userfaultfd, 1);
    TRY_CALL("add a key", SYS_add_key, "user", "x", "x", 1, -1);
    TRY_CALL("ask for its keyring", SYS_keyctl, 0, -3, 1);
    TRY_CALL("change its personality", SYS_personality, 0xffffffff);
    TRY_CALL("become another user", SYS_setresuid, getuid(), getuid(), getuid());
    TRY_CALL("become somebody else", SYS_setresuid, 1, 1, 1);
    TRY_CALL("ask for privileges", SYS_prctl, 38 /* PR_SET_NO_NEW_PRIVS */, 1, 0, 0, 0);
    TRY_CALL("change the clock", SYS_clock_settime, 0, attribute);
    TRY_CALL("name the machine", SYS_sethostname, "x", 1);
}
