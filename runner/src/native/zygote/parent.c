// What every warm parent has, whatever its children run (parent.h).
// Not here: namespaces, cgroups, limits' values, and every decision (the supervisor, in Rust; `wire.rs` has the layouts).
// In: job descriptions in shared memory that is read-only here. Out: reply records in shared memory, read by the
// supervisor as hostile input: once the candidate's code has begun, nothing that this process says is believed.

#define _GNU_SOURCE
#include "parent.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "self_test.h"

// Virtual size of both areas; the supervisor's memfds decide what is really there.
#define JOB_MAP_BYTES (1ull << 30)
#define REPLY_MAP_BYTES (1ull << 28)

// ---- The child --------------------------------------------------------------------------------------------------------

// The limits of this process, which every child begins with.
static struct rlimit inherited[RLIM_NLIMITS];

static void look_at_limits(void) {
    for (int resource = 0; resource < RLIM_NLIMITS; resource++)
        if (getrlimit(resource, &inherited[resource])) _exit(115);
}

static void limit(int resource, uint64_t value) {
    rlim_t most = inherited[resource].rlim_max;
    struct rlimit wanted = {value < most ? value : most, value < most ? value : most};
    if (setrlimit(resource, &wanted)) _exit(121);
}

// Programs like to raise the limit of their stack, and may: memory is counted elsewhere.
static void limit_softly(int resource, uint64_t value) {
    rlim_t most = inherited[resource].rlim_max;
    struct rlimit wanted = {value < most ? value : most, most};
    if (setrlimit(resource, &wanted)) _exit(121);
}

static void drop_capabilities(void) {
    struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct none[2] = {{0, 0, 0}, {0, 0, 0}};
    if (syscall(SYS_capset, &head, none)) _exit(122);
}

// What the supervisor says before the first job; the child's own filter follows the inherited one, and then come the regions.
struct setup { uint32_t clone_flags, filter_length, child_filter_length, region_count; struct sock_filter filters[]; };
static union { struct setup setup; char bytes[1 << 16]; uint64_t aligned; } message;

// Where the host grants no pid namespace, the inherited filter has to let this process fork; the child's own does not.
static void install_child_filter(void) {
    struct sock_fprog program = {(unsigned short)message.setup.child_filter_length, message.setup.filters + message.setup.filter_length};
    if (program.len && syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program)) _exit(126);
}

int errors_fd(void) {
    return job->flags & FLAG_STDERR ? STDERR_FD : 0;
}

// What one program does to an open file that all programs of a worker share must not reach the next.
void renew_descriptors(int streams, int errors, int keep_from, int keep_to) {
    // The parent is trialbox's worker thread, not this process's maker: fork has dropped the signal set there.
    if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0)) _exit(120);
    // First, while 0 is /dev/null.
    if (dup2(errors, 2) < 0 || (errors && lseek(2, 0, SEEK_SET))) _exit(123);
    if (streams && (dup2(STDIN_FD, 0) < 0 || dup2(STDOUT_FD, 1) < 0 || lseek(0, 0, SEEK_SET) || lseek(1, 0, SEEK_SET))) _exit(123);
    for (int fd = 0; fd <= keep_to; fd++)
        if ((fd <= 2 || fd >= keep_from) && fcntl(fd, F_SETFL, 0)) _exit(123);
    if (keep_from > 3 && syscall(SYS_close_range, 3, keep_from - 1, 0)) _exit(124);
    if (syscall(SYS_close_range, keep_to + 1, ~0u, 0)) _exit(124);
}

// The order matters: descriptors come before (limits would refuse the moves), capabilities last before the program.
void hold_child(void) {
    limit(RLIMIT_CPU, job->cpu_seconds);
    limit(RLIMIT_FSIZE, job->file_bytes);
    limit(RLIMIT_NOFILE, job->open_files);
    limit_softly(RLIMIT_STACK, job->stack_bytes);
    limit(RLIMIT_NPROC, job->processes);
    limit(RLIMIT_CORE, 0);
    limit(RLIMIT_AS, job->address_space_bytes);
    drop_capabilities();
    install_child_filter();
}

static void report_act(const char *name) {
    char *start = next_record();
    size_t length = strlen(name);
    memcpy(start, name, length);
    finish_record(start, length, REPLY_RETURNED, 0);
}

// The source is the path of a file of the host, then that of its folder; the entry point is the supervisor's number.
void run_self_test(void) {
    const char *file = job_base + job->source_offset, *folder = file + strlen(file) + 1;
    self_test(file, folder, atoi(job_base + job->entry_offset), report_act);
    header->phase = PHASE_FINISHED;
}

// ---- The parent -------------------------------------------------------------------------------------------------------

static void *map_area(int fd, size_t length, int protection) {
    void *area = mmap(NULL, length, protection, MAP_SHARED | MAP_NORESERVE, fd, 0);
    close(fd);
    return area == MAP_FAILED ? NULL : area;
}

// The first message: how to fork, what lies where, and the filter that this process and every child live under from then on.
static int take_setup(void) {
    ssize_t length = recv(CONTROL_FD, &message, sizeof message, 0);
    return length >= (ssize_t)sizeof(struct setup);
}

static const struct region *regions(void) {
    return (const struct region *)(message.setup.filters + message.setup.filter_length + message.setup.child_filter_length);
}

static uint32_t install_filter(void) {
    struct sock_fprog program = {(unsigned short)message.setup.filter_length, message.setup.filters};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)) return 0;
    if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program)) return 0;
    return message.setup.clone_flags;
}

void open_areas(void) {
    job = map_area(JOB_FD, JOB_MAP_BYTES, PROT_READ);
    header = map_area(REPLY_FD, REPLY_MAP_BYTES, PROT_READ | PROT_WRITE);
    if (!job || !header) _exit(110);
    job_base = (const char *)job;
    reply_base = (char *)header;
    if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)) _exit(111);
}

// Waits to be asked for a child. With the word may come the descriptor of a program, which takes the place of the last
// one's (launcher.c).
static int is_asked(int takes_programs) {
    char command;
    if (!takes_programs) return recv(CONTROL_FD, &command, 1, 0) == 1;
    union { struct cmsghdr head; char bytes[CMSG_SPACE(sizeof(int))]; } control;
    struct iovec word = {&command, 1};
    struct msghdr said = {.msg_iov = &word, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
    if (recvmsg(CONTROL_FD, &said, MSG_CMSG_CLOEXEC) != 1) return 0;
    struct cmsghdr *head = CMSG_FIRSTHDR(&said);
    if (head && head->cmsg_level == SOL_SOCKET && head->cmsg_type == SCM_RIGHTS) {
        int program;
        memcpy(&program, CMSG_DATA(head), sizeof program);
        if (dup3(program, REPLY_FD, O_CLOEXEC) < 0) return 0;
        close(program);
    }
    return 1;
}

void serve_forks(const char *words, size_t length, int takes_programs, void (*settle)(const struct region *, size_t), void (*child)(void)) {
    // glibc keeps the thread id of the main thread where the kernel's clear_child_tid points; a raw clone must renew it.
    static int fallback_tid;
    int *tid = &fallback_tid;
    prctl(PR_GET_TID_ADDRESS, &tid, 0, 0, 0);
    if (send(CONTROL_FD, words, length, 0) != (ssize_t)length) _exit(112);
    if (!take_setup()) _exit(113);
    if (settle) settle(regions(), message.setup.region_count);
    uint32_t clone_flags = install_filter();
    if (!clone_flags || send(CONTROL_FD, "ready", 5, 0) != 5) _exit(113);
    look_at_limits();
    while (is_asked(takes_programs)) {
        long pid = syscall(SYS_clone, (unsigned long)clone_flags, NULL, NULL, tid, NULL);
        if (pid == 0) child();
        int32_t answer = pid < 0 ? -errno : (int32_t)pid;
        if (send(CONTROL_FD, &answer, sizeof answer, 0) != sizeof answer) break;
    }
    syscall(SYS_exit_group, 0);
}
