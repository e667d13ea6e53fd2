// tries: "reads files of the host, of /proc and of other processes"
// expect: "pass"
// plant: {"/tmp/trialbox-case-secret": "nobody reads this"}
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
    for (const char *path : {"/etc/passwd", "/etc/shadow", "/etc/hostname", "/root/.bashrc", "/proc/self/environ", "/proc/self/maps",
                             "/proc/1/environ", "/proc/cpuinfo", "/sys/kernel/notes", "/dev/kmsg", "/dev/zero", "/dev/mem", "/dev/tty",
                             "/usr/bin/python3", "/bin/sh", "/usr/include/stdio.h", "/lib/x86_64-linux-gnu/libc.so.6",
                             "/tmp/trialbox-case-secret"})
        refused(std::ifstream(path).good(), path);
    for (const char *path : {"/proc", "/etc", "/home", "/root", "/usr", "/sys", "/bin"}) {
        int folder = open(path, O_RDONLY | O_DIRECTORY);
        char entries[4096];
        refused(folder >= 0 && syscall(SYS_getdents64, folder, entries, sizeof entries) > 48, path);
    }
    if (!escaped) answer();
}
