// How a record is written to the reply area (layout.h).

#include "layout.h"

#include <string.h>

const volatile struct job *job;
const char *job_base;
volatile struct reply_header *header;
char *reply_base;

char *next_record(void) { return reply_base + HEADER_BYTES + header->used + sizeof(struct record); }

void finish_record(char *start, size_t length, uint32_t kind, uint64_t cpu_ns) {
    struct record record = {(uint32_t)length, kind, cpu_ns};
    memcpy(start - sizeof record, &record, sizeof record);
    // The supervisor may look at any moment: the record must be whole before it counts.
    __atomic_store_n(&header->used, header->used + ((sizeof record + length + 7) & ~7ull), __ATOMIC_RELEASE);
}
