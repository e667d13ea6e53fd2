// Gets Python's allocator of small objects and that of the C library ready for children (allocators.h).
// Not here: the pages that all of it lies on (pages.c).
// An arena holds pools of one size of object each. A pool that is half full when a child begins costs the child three pages
// to be copied: its head, the block that is handed out, the block behind. A new pool costs one fresh page. With the C
// library's lists of free blocks it is the same.

#define _GNU_SOURCE
#include "allocators.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

// As in CPython's headers: these are no part of the stable interface, but have been the same since 3.4. A Python that has
// them not goes without.
typedef struct { void *context, *(*allocate)(void *, size_t); void (*release)(void *, void *, size_t); } Allocator;
extern __attribute__((weak)) void PyObject_SetArenaAllocator(Allocator *);
extern __attribute__((weak)) void *PyObject_Malloc(size_t);
extern const char *Py_GetVersion(void);

enum { LARGE_PAGE = 2 << 20, PARENTS_BYTES = 32 << 20, CHILDS_BYTES = 64 << 20, LEAST_ARENA = 256 << 10 };
// Of CPython's allocator (obmalloc.c): the head of a pool, and what stands apart by size.
enum { POOL_HEAD = 48, SIZE_STEP = 16, MOST_SIZE = 512 };
// More blocks of one size than can be free.
enum { PATIENCE = 1 << 17 };

// A piece of memory that arenas are cut from, one behind the other.
struct place { char *start, *next, *end; };
static struct place parents, childs;
// CPython 3.10 made arenas and pools four times as large.
static int is_old;
// Arenas of either place that are free again.
static void *kept[(PARENTS_BYTES + CHILDS_BYTES) / LEAST_ARENA];
static size_t kept_count, arena_count, arena_bytes;

static void *map(size_t size) {
    void *start = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return start == MAP_FAILED ? NULL : start;
}

static void open_place(struct place *place, size_t bytes, int advice) {
    char *start = map(bytes + LARGE_PAGE);
    if (!start) return;
    start = (char *)(((uintptr_t)start + LARGE_PAGE - 1) & -(uintptr_t)LARGE_PAGE);
    if (advice) madvise(start, bytes, advice);
    *place = (struct place){start, start, start + bytes};
}

static void *cut(struct place *place) {
    if ((size_t)(place->end - place->next) < arena_bytes) return NULL;
    place->next += arena_bytes;
    return place->next - arena_bytes;
}

static int is_within(const struct place *place, const void *arena) {
    return (const char *)arena >= place->start && (const char *)arena < place->end;
}

static void *allocate(void *context, size_t size) {
    (void)context;
    // From 3.11 on pieces of the interpreter's own stack are asked for here too.
    if (size != arena_bytes) return map(size);
    arena_count++;
    if (kept_count) return kept[--kept_count];
    void *arena = cut(&parents);
    if (arena) return arena;
    // Few children come so far. Whoever does is likely to go on.
    if (!childs.start) open_place(&childs, CHILDS_BYTES, MADV_HUGEPAGE);
    arena = cut(&childs);
    return arena ? arena : map(size);
}

// A program that calls a function again and again would otherwise give an arena back and fetch it anew each time: that was a
// third of what many cost. About as much is kept as the C library keeps of its own.
static void release(void *context, void *arena, size_t size) {
    (void)context;
    if (is_within(&parents, arena) || is_within(&childs, arena)) kept[kept_count++] = arena;
    else munmap(arena, size);
}

void gather_arenas(void) {
    if (!PyObject_SetArenaAllocator || !PyObject_Malloc) return;
    is_old = !strncmp(Py_GetVersion(), "3.9.", 4);
    arena_bytes = is_old ? LEAST_ARENA : 4 * LEAST_ARENA;
    open_place(&parents, PARENTS_BYTES, 0);
    Allocator ours = {NULL, allocate, release};
    PyObject_SetArenaAllocator(&ours);
}

// Takes blocks of one size until a pool that was new has given its last.
static void use_up_size(size_t size, size_t pool_bytes) {
    size_t capacity = (pool_bytes - POOL_HEAD) / size, in_a_row = 0;
    uintptr_t previous = 0;
    for (int i = 0; i < PATIENCE && in_a_row < capacity; i++) {
        uintptr_t block = (uintptr_t)PyObject_Malloc(size);
        int is_first = block % pool_bytes == POOL_HEAD;
        in_a_row = is_first ? 1 : block == previous + size && in_a_row ? in_a_row + 1 : 0;
        previous = block;
    }
}

static void use_up_arenas(void) {
    if (!arena_count) return; // another allocator, then
    size_t pool_bytes = is_old ? 4 << 10 : 16 << 10;
    // First whole pools, until a new arena is begun.
    size_t known = arena_count;
    for (int i = 0; i < PATIENCE && arena_count == known; i++) PyObject_Malloc(MOST_SIZE);
    for (size_t size = SIZE_STEP; size <= MOST_SIZE; size += SIZE_STEP) use_up_size(size, pool_bytes);
}

// Takes what is free below the end of the heap, the large blocks first. Sizes are close enough that little is left.
static void use_up_heap(void) {
    // Larger ones are mappings of their own; smaller than the second all have lists of their own.
    enum { LARGEST = 100 << 10, SMALL = 1040, STEP = 16 };
    void *last = malloc(LARGEST);
    uintptr_t border = (uintptr_t)last;
    free(last);
    for (size_t size = LARGEST; size >= STEP; size -= size > SMALL ? size / STEP / STEP * STEP : STEP) {
        void *block = NULL;
        for (int i = 0; i < PATIENCE && (uintptr_t)(block = malloc(size)) < border && block; i++) {}
        if (size > SMALL) free(block);
    }
}

void use_up_free_blocks(void) {
    use_up_arenas();
    use_up_heap();
}
