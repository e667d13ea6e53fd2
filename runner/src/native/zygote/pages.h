// The memory of a warm parent in large pages, so that forking it and ending its children costs little (pages.c).

#ifndef TRIALBOX_PAGES_H
#define TRIALBOX_PAGES_H

#include <stddef.h>
#include <stdint.h>

#pragma GCC visibility push(hidden)

// What the supervisor says of a piece of this process's memory (memory_map.rs): GATHER what lies there in large pages, or
// JOIN neighbours, which thereby get one protection.
enum { GATHER = 1, JOIN = 2 };
enum { MOST_REGIONS = 256 };
struct region { uint64_t start, end; uint32_t protection, what; };

void settle_pages(const struct region *regions, size_t count);

#pragma GCC visibility pop

#endif
