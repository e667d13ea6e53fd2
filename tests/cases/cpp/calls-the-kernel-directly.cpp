// tries: "makes system calls by their numbers, in assembly, of both kinds"
// expect: "pass"
#include <bits/stdc++.h>
#include <fcntl.h>
#include <signal.h>
#include <sched.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void answer() {
    long n, x, sum = 0;
    std::cin >> n;
    while (n-- > 0 && std::cin >> x) sum += x;
    std::cout << sum << std::endl;
}
static bool escaped = false;
static void refused(bool succeeded, const char *what) {
    if (succeeded) {
        std::cout << "could " << what << std::endl;
        escaped = true;
    }
}
int main() {
    auto call = [](long number, long a, long b, long c) {
        long result;
        asm volatile("syscall" : "=a"(result) : "a"(number), "D"(a), "S"(b), "d"(c) : "rcx", "r11", "memory");
        return result;
    };
    refused(call(SYS_socket, AF_INET, SOCK_STREAM, 0) >= 0, "open a socket");
    refused(call(SYS_fork, 0, 0, 0) > 0, "fork");
    refused(call(SYS_unshare, CLONE_NEWUSER, 0, 0) == 0, "make a namespace");
    refused(call(SYS_ptrace, PTRACE_TRACEME, 0, 0) == 0, "be traced");
    refused(call(SYS_kill, getppid(), 0, 0) == 0, "signal whoever started it");
    refused(call(SYS_kill, -1, SIGKILL, 0) == 0, "signal everybody");
    refused(call(SYS_mount, 0, 0, 0) == 0, "mount");
    refused(call(SYS_bpf, 0, 0, 0) >= 0, "use bpf");
    refused(call(SYS_io_uring_setup, 1, 0, 0) >= 0, "use io_uring");
    refused(call(SYS_seccomp, 1, 0, 0) == 0, "use seccomp");
    refused(call(SYS_prctl, PR_SET_PDEATHSIG, 0, 0) == 0, "take back the order to die");
    refused(call(SYS_setresuid, 0, 0, 0) == 0, "become root");
    refused(call(SYS_process_vm_readv, getppid(), 0, 0) > 0, "read another process");
    // x32 numbers: another table of the same kernel.
    refused(call(0x40000000 | SYS_getpid, 0, 0, 0) >= 0, "use x32");
    if (!escaped) answer();
}
