// A warm parent without Python: forks one child per job, which becomes a program of the host's own kind: the compiled
// candidate, one of the tools that compile it, or the first process of all that a shell starts.
// Not here: what every warm parent has (parent.c); which tools there are and with which arguments (the supervisor).
// In: for a candidate, a sealed file in memory that came with the word to fork; for a tool and a shell, path and arguments as
// the job's source, each with a NUL behind it. Out: what became of starting it, where it could not be started.

#define _GNU_SOURCE
#include "parent.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

// The one descriptor that the filter lets become a program (cpp.toml, cpp-compile.toml).
enum { PROGRAM_FD = REPLY_FD };
enum { MOST_ARGUMENTS = 1024 };

static char *arguments[MOST_ARGUMENTS + 1];

static void not_started(int error) {
    char text[128];
    // The verifier knows memory that is refused by this word, whoever refuses it.
    const char *why = error == ENOMEM ? "MemoryError: the program does not fit" : "the program cannot be started";
    int length = snprintf(text, sizeof text, "%s (errno %d)", why, error);
    char *start = next_record();
    memcpy(start, text, (size_t)length);
    finish_record(start, (size_t)length, REPLY_LOAD_ERROR, 0);
    syscall(SYS_exit_group, 127);
}

static void become(char *const argv[], char *const environment[]) {
    header->phase = PHASE_STARTED;
    syscall(SYS_execveat, PROGRAM_FD, "", argv, environment, AT_EMPTY_PATH);
    not_started(errno);
}

static void execute(void) {
    static char name[] = "solution";
    char *const argv[] = {name, NULL}, *const none[] = {NULL};
    renew_descriptors(1, errors_fd(), PROGRAM_FD, PROGRAM_FD);
    hold_child();
    become(argv, none);
}

// The words of the job's source; the first of them is opened, and becomes the program.
static void open_command(void) {
    char *at = (char *)(uintptr_t)(job_base + job->source_offset), *end = at + job->source_length;
    size_t count = 0;
    while (at < end && count < MOST_ARGUMENTS) {
        arguments[count++] = at;
        at += strlen(at) + 1;
    }
    if (!count) not_started(EINVAL);
    int tool = open(arguments[0], O_RDONLY | O_CLOEXEC);
    if (tool < 0) not_started(errno);
    if (tool != PROGRAM_FD && dup3(tool, PROGRAM_FD, O_CLOEXEC) < 0) not_started(errno);
}

static void run_tool(void) {
    static char locale[] = "LC_ALL=C", here[] = "TMPDIR=.";
    char *const environment[] = {locale, here, NULL};
    open_command();
    // What it complains of stands where others have their output.
    renew_descriptors(1, STDOUT_FD, PROGRAM_FD, PROGRAM_FD);
    hold_child();
    become(arguments, environment);
}

// The first process of a pid namespace is ours: no signal from within reaches it, whatever loses its parent becomes its child,
// and when it ends, so does all else. So the shell ends as it would anywhere, and its time and that of what it started add up
// here. Ends as the shell does; by a signal, as shells tell that.
static void run_shell(void) {
    static char path[] = "PATH=/usr/local/bin:/usr/bin:/bin", home[] = "HOME=/tmp", temporary[] = "TMPDIR=/tmp";
    static char locale[] = "LANG=C.UTF-8", terminal[] = "TERM=dumb", files[] = "LD_PRELOAD=/run/trialbox/files.so";
    char *const environment[] = {path, home, temporary, locale, terminal, files, NULL};
    open_command();
    renew_descriptors(1, errors_fd(), PROGRAM_FD, PROGRAM_FD);
    hold_child();
    long shell = syscall(SYS_clone, (unsigned long)SIGCHLD, NULL, NULL, NULL, NULL);
    if (shell < 0) not_started(errno);
    if (!shell) become(arguments, environment);
    int status = 0;
    for (long ended = 0; ended != shell;) {
        ended = syscall(SYS_wait4, -1L, &status, 0L, NULL);
        if (ended < 0 && errno != EINTR) syscall(SYS_exit_group, 125);
    }
    syscall(SYS_exit_group, WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status));
}

static void child(void) {
    if (job->mode == MODE_SHELL) run_shell();
    if (job->mode == MODE_EXECUTE) execute();
    if (job->mode == MODE_TOOL) run_tool();
    renew_descriptors(0, 0, 3, GATE_DOWN_FD);
    hold_child();
    if (job->mode == MODE_SELF_TEST) run_self_test();
    syscall(SYS_exit_group, 0);
}

int main(void) {
    // As a program finds them anywhere: trialbox, or who started it, may have ignored some. A pipe's end ends its writer.
    for (int number = 1; number < NSIG; number++) signal(number, SIG_DFL);
    static const char words[] = "launcher";
    open_areas();
    serve_forks(words, sizeof words - 1, 1, NULL, child);
    return 0;
}
