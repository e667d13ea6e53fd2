// What drives a candidate's code inside a sandbox (driver.c), and what it asks of the sandbox that it is in.

#ifndef TRIALBOX_DRIVER_H
#define TRIALBOX_DRIVER_H

#include <stddef.h>
#include <stdint.h>

#include "cpython.h"

#pragma GCC visibility push(hidden)

// ---- The driver -------------------------------------------------------------------------------------------------------

// The module that serve.py hands the interpreter over to.
PyObject *make_driver_module(void);
// Does what the job says; the exit status of a script.
int drive(void);

// ---- What each sandbox has of its own (zygote.c, guest.c) -----------------------------------------------------------------

// Python's part is ready, in the version named: the rest is up to the sandbox.
void serve_programs(const char *version, size_t length);
// Waits for the supervisor's word, which comes after it has taken and looked at what was answered so far; it has then
// emptied the reply area. So it goes at the gates that the job names, and wherever the area is half full.
void wait_for_word(void);
// Says what the program does from now on: one of these, or the call of that number.
enum { LOADING = -1, LOADED = -2 };
void measure(int32_t what);
// What the running call has used so far, in nanoseconds of CPU time; 0 where it was little, or where it is measured outside.
uint64_t measured_ns(void);

#pragma GCC visibility pop

#endif
