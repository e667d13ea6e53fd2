// tries: "forks by every spelling, and starts other programs"
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
    pid_t pid = fork();
    if (pid == 0) _exit(0);
    refused(pid > 0, "fork");
    refused(system("true") == 0, "call system");
    refused(popen("id", "r") != nullptr, "call popen");
    char shell[] = "/bin/sh";
    char *const argv[] = {shell, nullptr}, *const none[] = {nullptr};
    refused(posix_spawn(&pid, shell, nullptr, nullptr, argv, none) == 0, "spawn");
    refused(syscall(SYS_vfork) > 0, "vfork");
    refused(syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0) > 0, "clone");
    refused(syscall(SYS_clone, SIGCHLD | CLONE_NEWUSER, 0, 0, 0, 0) > 0, "clone into a namespace");
    char zeros[88] = {};
    refused(syscall(SYS_clone3, zeros, sizeof zeros) > 0, "clone3");
    if (!escaped) answer();
}
