// The warm parent of Python programs: forks one child per candidate, which drives the candidate's code (driver.c).
// Not here: what every warm parent has (parent.c); namespaces, cgroups, limits' values, and every decision (the supervisor,
// in Rust).

#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "allocators.h"
#include "driver.h"
#include "parent.h"

#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25
#endif

// ---- Time -------------------------------------------------------------------------------------------------------------

static uint64_t now_ns(clockid_t clock) {
    struct timespec t;
    clock_gettime(clock, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

// The CPU clock is a system call, the wall clock is not: the CPU clock is read only once a millisecond of wall time has
// passed since the last reading, so an input is charged with at most that much work of the inputs before it.
static uint64_t wall_at_stamp;

static void stamp_cpu(void) {
    wall_at_stamp = now_ns(CLOCK_MONOTONIC);
    header->cpu_stamp_ns = now_ns(CLOCK_PROCESS_CPUTIME_ID);
}

void measure(int32_t what) {
    if (what >= 0) return; // each call ends where the next begins
    uint64_t before = header->cpu_stamp_ns;
    stamp_cpu();
    if (what == LOADED) header->load_cpu_ns = header->cpu_stamp_ns - before;
}

uint64_t measured_ns(void) {
    uint64_t wall = now_ns(CLOCK_MONOTONIC), before = header->cpu_stamp_ns;
    if (wall - wall_at_stamp < 1000000 && !(job->flags & FLAG_STAMP_EVERY_INPUT)) return 0;
    stamp_cpu();
    return header->cpu_stamp_ns - before;
}

// ---- The child --------------------------------------------------------------------------------------------------------

void wait_for_word(void) {
    uint64_t word = 1;
    if (write(GATE_UP_FD, &word, sizeof word) != sizeof word) _exit(125);
    // A signal of the program's own timer may come in between, and a program may have reads return at once.
    struct pollfd down = {.fd = GATE_DOWN_FD, .events = POLLIN};
    while (read(GATE_DOWN_FD, &word, sizeof word) != sizeof word) {
        if (errno == EAGAIN) poll(&down, 1, -1);
        else if (errno != EINTR) _exit(125);
    }
}

static void enter_child(int script) {
    renew_descriptors(script, errors_fd(), 3, script ? 2 : GATE_DOWN_FD);
    hold_child();
}

static void child(void) {
    int status = 0;
    enter_child(job->mode == MODE_SCRIPT);
    header->phase = PHASE_STARTED;
    stamp_cpu();
    if (job->mode == MODE_SELF_TEST) run_self_test();
    else status = drive();
    syscall(SYS_exit_group, status);
}

// ---- The parent -------------------------------------------------------------------------------------------------------

// Where the supervisor cannot see what lies where (as root without the right to trace), a part of what pages.c does: has the
// kernel make one large page of each 2 MiB around what Python has allocated, but for regions that are not all ours.
static void enlarge_pages(void) {
    enum { LARGE = 2 << 20, MOST = 64 };
    uintptr_t done[MOST];
    size_t count = 0;
    // What is frozen is on no list: it is thawed for a moment.
    PyObject *gc = PyImport_AddModule("gc"), *thawed = gc ? PyObject_CallMethod(gc, "unfreeze", NULL) : NULL;
    PyObject *objects = thawed ? PyObject_CallMethod(gc, "get_objects", NULL) : NULL;
    for (Py_ssize_t i = 0, length = objects ? PyList_Size(objects) : 0; i < length && count < MOST; i++) {
        uintptr_t region = (uintptr_t)PyList_GetItem(objects, i) & -(uintptr_t)LARGE;
        size_t known = 0;
        while (known < count && done[known] != region) known++;
        if (known < count) continue;
        done[count++] = region;
        madvise((void *)region, LARGE, MADV_COLLAPSE);
    }
    if (objects) Py_DecRef(objects);
    if (!thawed || !PyObject_CallMethod(gc, "freeze", NULL)) PyErr_Clear();
}

static void settle(const struct region *regions, size_t count) {
    if (count) settle_pages(regions, count);
    else enlarge_pages();
}

void serve_programs(const char *version, size_t length) {
    use_up_free_blocks();
    open_areas();
    serve_forks(version, length, 0, settle, child);
}

__attribute__((visibility("default"))) PyObject *PyInit_trialbox_zygote(void) {
    gather_arenas();
    return make_driver_module();
}
