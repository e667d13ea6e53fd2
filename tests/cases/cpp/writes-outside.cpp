// tries: "writes, makes, links and removes files outside of its folder"
// expect: "pass"
// plant: {"/tmp/trialbox-case-kept": "this stays as it is"}
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
    for (const char *path : {"/trialbox-case-a", "/etc/trialbox-case-a", "/var/trialbox-case-a", "/usr/trialbox-case-a", "/dev/trialbox-case-a",
                             "/run/trialbox/input/trialbox-case-a", "../trialbox-case-a", "/tmp/../trialbox-case-a"}) {
        refused(open(path, O_CREAT | O_WRONLY, 0666) >= 0, path);
        refused(mkdir(path, 0777) == 0, path);
    }
    for (const char *path : {"/tmp/trialbox-case-kept"}) {
        refused(open(path, O_WRONLY | O_TRUNC) >= 0, "write a file of the host");
        refused(remove(path) == 0, "remove a file of the host");
        refused(chmod(path, 0777) == 0, "change a mode");
        refused(rename(path, "mine") == 0, "take a file of the host");
        refused(truncate(path, 0) == 0, "cut a file off");
        refused(link(path, "link") == 0, "link to a file of the host");
    }
    refused(open(".", O_TMPFILE | O_RDWR, 0600) >= 0, "make a file without a name");
    refused(mknod("device", S_IFCHR | 0666, 0x103) == 0, "make a device");
    if (!escaped) answer();
}
