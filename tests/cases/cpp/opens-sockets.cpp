// tries: "opens sockets of every family"
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
    for (int family : {AF_INET, AF_INET6, AF_UNIX, AF_NETLINK, AF_PACKET, AF_VSOCK, AF_ALG})
        for (int kind : {SOCK_STREAM, SOCK_DGRAM, SOCK_RAW, SOCK_SEQPACKET}) refused(socket(family, kind, 0) >= 0, "open a socket");
    int pair[2];
    refused(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0, "make a pair of sockets");
    for (int fd = 3; fd < 256; fd++) refused(fcntl(fd, F_GETFD) >= 0, "use a descriptor that it was left");
    if (!escaped) answer();
}
