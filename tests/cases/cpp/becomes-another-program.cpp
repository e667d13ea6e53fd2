// tries: "executes shells, itself, its own files and files in memory"
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
    char shell[] = "/bin/sh";
    char *const argv[] = {shell, nullptr}, *const none[] = {nullptr};
    for (const char *path : {"/bin/sh", "/usr/bin/python3", "/proc/self/exe", "solution", "/lib64/ld-linux-x86-64.so.2"})
        execve(path, argv, none);
    // By the one descriptor that the filter lets through: what could stand behind it is not executable.
    int script = open("script", O_CREAT | O_RDWR, 0777);
    refused(write(script, "#!/bin/sh\n", 10) != 10, "not write");
    for (const char *path : {"script", "/bin/sh", "/usr/bin/python3", "/lib64/ld-linux-x86-64.so.2"}) {
        int file = open(path, O_RDONLY);
        if (file >= 0) dup2(file, 9);
        syscall(SYS_execveat, 9, "", argv, none, AT_EMPTY_PATH);
        syscall(SYS_execveat, 9, path, argv, none, 0);
        syscall(SYS_execveat, AT_FDCWD, path, argv, none, 0);
    }
    refused(syscall(SYS_memfd_create, "x", 0) >= 0, "make a file in memory");
    if (!escaped) answer();
}
