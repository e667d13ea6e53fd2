// What every warm parent has, whatever its children run: the way into a child, and the loop that forks.
// Not here: Python (zygote.c), programs of the host's own kind (launcher.c).

#ifndef TRIALBOX_PARENT_H
#define TRIALBOX_PARENT_H

#include <stddef.h>
#include <stdint.h>

#include "layout.h"
#include "pages.h"

#pragma GCC visibility push(hidden)

enum { GATE_UP_FD = 3, GATE_DOWN_FD = 4, CONTROL_FD = 5, STDIN_FD = 6, STDOUT_FD = 7, JOB_FD = 8, REPLY_FD = 9, STDERR_FD = 10 };
// Beside the modes and flags of layout.h: a shell; what the program writes to its stderr is kept.
enum { MODE_SHELL = 8 };
enum { FLAG_STDERR = 32 };
// Where the job has errors go: kept, or nowhere.
int errors_fd(void);
// Gives a child its descriptors: 0 and 1 are the job's input and output where `streams`, 2 is what is named; then from
// `keep_from` to `keep_to` nothing else stays open but these two and what lies between.
void renew_descriptors(int streams, int errors, int keep_from, int keep_to);
// Holds a child to its limits and takes its last rights.
void hold_child(void);
// Tries what is forbidden (self_test.c), as the job says.
void run_self_test(void);
// Maps both areas and gets ready to be asked.
void open_areas(void);
// Says hello with these words, settles what is told of its memory, takes the filter, and forks whenever it is asked: `child`
// runs in the new process. Returns when the supervisor has gone. With `takes_programs`, a descriptor may come with the word;
// it becomes number 9.
void serve_forks(const char *words, size_t length, int takes_programs, void (*settle)(const struct region *, size_t), void (*child)(void));

#pragma GCC visibility pop

#endif
