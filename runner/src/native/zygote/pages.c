// Moves the memory of a warm parent to large pages (pages.h).
// Not here: which regions (the supervisor reads them from outside: in here there is no /proc), what Python allocates
// (allocators.c).
// A fork copies an entry of the page table for each page that was written to, and an exit drops it: 60 ns a page, and
// there were thousands. 512 small pages in one large one are a single entry; what lies together within a large page, though
// mapped in small ones, costs half. What a child writes to is still copied in small pages. Where the kernel has no large
// pages to give, all stays as it is.

#define _GNU_SOURCE
#include "pages.h"

#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25
#endif

static const uintptr_t LARGE = 2 << 20, SMALL = 4096;

// What goes to large pages as a whole, and what is left over at the ends.
struct piece { uintptr_t start, end; int protection; };
struct pieces { struct piece at[2 * MOST_REGIONS]; size_t count, bytes; };
static struct pieces whole, ends;

static void add(struct pieces *pieces, uintptr_t start, uintptr_t end, int protection) {
    if (start >= end) return;
    pieces->at[pieces->count++] = (struct piece){start, end, protection};
    pieces->bytes += end - start;
}

// Memory that was never touched shall stay so: a child gets it for half of what a copy costs.
static uintptr_t end_of_touched(uintptr_t start, uintptr_t end) {
    unsigned char is_there = 0;
    while (end > start && (mincore((void *)(end - SMALL), SMALL, &is_there) || !(is_there & 1))) end -= SMALL;
    return end;
}

static void divide(const struct region *region) {
    int protection = (int)region->protection;
    uintptr_t start = region->start, end = region->end;
    if (protection & PROT_WRITE) end = end_of_touched(start, end);
    uintptr_t first = (start + LARGE - 1) & -LARGE, last = end & -LARGE;
    if (first > last) first = last = end;
    add(&ends, start, first, protection);
    add(&whole, first, last, protection);
    add(&ends, last, end, protection);
}

// From the first byte that is copied to the last page that is moved nothing may be written but to the stack, which stays.
static char *copy(const struct pieces *pieces, char *to) {
    for (size_t i = 0; i < pieces->count; i++) {
        size_t length = pieces->at[i].end - pieces->at[i].start;
        memcpy(to, (const void *)pieces->at[i].start, length);
        to += length;
    }
    return to;
}

static char *move(const struct pieces *pieces, char *from) {
    for (size_t i = 0; i < pieces->count; i++) {
        const struct piece *piece = &pieces->at[i];
        size_t length = piece->end - piece->start;
        // Some systems refuse to execute what was written: then the old pages stay.
        int is_refused = mprotect(from, length, piece->protection);
        // Part of the old pages may be gone where this fails, and nothing can be said any more.
        if (!is_refused && syscall(SYS_mremap, from, length, length, MREMAP_MAYMOVE | MREMAP_FIXED, piece->start) < 0) _exit(114);
        from += length;
    }
    return from;
}

static void gather(void) {
    size_t length = (whole.bytes + ends.bytes + LARGE - 1) & -LARGE;
    char *room = mmap(NULL, length + LARGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (room == MAP_FAILED) return;
    char *start = (char *)(((uintptr_t)room + LARGE - 1) & -LARGE);
    madvise(start, length, MADV_HUGEPAGE);
    copy(&ends, copy(&whole, start));
    // Does what the advice did not bring about, and says whether it is so now (from Linux 6.1 on).
    if (!madvise(start, length, MADV_COLLAPSE)) {
        // A child that touches a byte here shall get a small page.
        madvise(start, length, MADV_NOHUGEPAGE);
        move(&ends, move(&whole, start));
    }
    munmap(room, length + LARGE);
}

void settle_pages(const struct region *regions, size_t count) {
    for (size_t i = 0; i < count; i++) {
        const struct region *region = &regions[i];
        if (region->what == JOIN) mprotect((void *)region->start, region->end - region->start, (int)region->protection);
        if (region->what == GATHER) divide(region);
    }
    if (whole.bytes + ends.bytes) gather();
}
