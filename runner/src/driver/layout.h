// The layouts of the two areas that a supervisor shares with a sandbox (wire.rs has the same), and how a record is written.
// Not here: where the areas lie, and what stands in a record.

#ifndef TRIALBOX_LAYOUT_H
#define TRIALBOX_LAYOUT_H

#include <stddef.h>
#include <stdint.h>

#pragma GCC visibility push(hidden)

enum { MODE_CALLS = 1, MODE_SCRIPT = 2, MODE_SELF_TEST = 3, MODE_ANSWER = 4, MODE_ASK = 5, MODE_EXECUTE = 6, MODE_TOOL = 7 };
enum { FLAG_LIVECODEBENCH = 1, FLAG_STAMP_EVERY_INPUT = 2, FLAG_FRESH_SOLUTION = 4, FLAG_LCB_RUNNER = 8, FLAG_LCB_STDIN = 16 };
enum { PHASE_STARTED = 1, PHASE_COMPILED = 2, PHASE_LOADED = 3, PHASE_FINISHED = 4 };
enum { REPLY_RETURNED = 1, REPLY_RAISED = 2, REPLY_NOT_PLAIN = 3, REPLY_COMPILE_ERROR = 4, REPLY_LOAD_ERROR = 5, REPLY_NO_ENTRY_POINT = 6, REPLY_SCRIPT_ERROR = 7, REPLY_DIGEST = 8 };

struct job {
    uint32_t mode, flags, input_count, gate_count;
    uint32_t gates[4];
    uint64_t source_offset, source_length;
    uint64_t entry_offset;      // a NUL-terminated name
    uint64_t index_offset;      // input_count x { u64 offset, u64 length }; in a conversation { u64 length, what the other side said }
    uint64_t reply_bytes;       // capacity of the reply area, header included
    uint64_t cpu_seconds, file_bytes, open_files, stack_bytes, processes, address_space_bytes;
};
struct span { uint64_t offset, length; };
struct reply_header {
    uint32_t phase, started;
    uint64_t used;              // bytes of records behind the header page; the supervisor empties the area at a gate
    uint64_t cpu_stamp_ns;      // this process's CPU clock, read last before or at the start of the running input
    uint64_t load_cpu_ns;       // what module-level code took
};
struct record { uint32_t length, kind; uint64_t cpu_ns; };
enum { HEADER_BYTES = 4096 };
enum { TEXT_LIMIT = 4096 };

extern const volatile struct job *job;
extern const char *job_base;
extern volatile struct reply_header *header;
extern char *reply_base;

// Where the bytes of the next record belong.
char *next_record(void);
// Makes `length` bytes that stand behind the record's head count as a record.
void finish_record(char *start, size_t length, uint32_t kind, uint64_t cpu_ns);

#pragma GCC visibility pop

#endif
