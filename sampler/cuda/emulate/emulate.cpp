// Fibres, barriers and copies for emulate.h.
// Not here: what the instructions compute (there).
#include "emulate.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <ucontext.h>

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <random>
#include <vector>

namespace emulate {
Coordinates here;

namespace {
constexpr size_t STACK_BYTES = 128 << 10;
constexpr size_t MOST_SHARED_BYTES = 227 << 10;
constexpr size_t MOST_EXCHANGED_BYTES = 32 * 64;

enum class State { Ready, AtBlock, AtWarp, Done };

struct Copy {
    void* to;
    const void* from;
    bool wanted;
};

struct Fibre {
    jmp_buf place;
    ucontext_t start;
    State state;
    bool begun;
    uint32_t index;
    uint32_t exchanges;
    std::vector<std::vector<Copy>> batches;
};

struct Warp {
    uint32_t size, arrived, exchanged_bytes;
    // Two, so that who is ahead does not write where others still read.
    alignas(16) unsigned char exchanged[2][MOST_EXCHANGED_BYTES];
};

std::vector<Fibre> fibres;
std::vector<Warp> warps;
std::vector<uint32_t> ready;
unsigned char* stacks = nullptr;
size_t stack_count = 0;
unsigned char* shared_end = nullptr;
size_t shared_bytes_now = 0;
uint32_t arrived_at_block;
uint32_t current;
std::mt19937_64 chance;
int order;
bool copies_wait;
jmp_buf scheduler;
const std::function<void()>* running;
}  // namespace

[[noreturn]] void stop(const char* why) {
    fprintf(stderr, "emulate: %s (block %u,%u,%u thread %u)\n", why, here.block.x, here.block.y, here.block.z, current);
    exit(3);
}

namespace {
// Memory whose last byte is the last that may be touched.
unsigned char* guarded(size_t bytes) {
    const size_t page = 4096, whole = (bytes + page - 1) / page * page;
    auto* memory = static_cast<unsigned char*>(
        mmap(nullptr, whole + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0));
    if (memory == MAP_FAILED || mprotect(memory + whole, page, PROT_NONE) != 0) {
        stop("no memory");
    }
    return memory + whole;
}

void body() {
    (*running)();
    Fibre& fibre = fibres[current];
    fibre.state = State::Done;
    for (const auto& batch : fibre.batches) {
        if (!batch.empty()) {
            stop("a copy was begun and never waited for");
        }
    }
    _longjmp(scheduler, 1);
}

void wait(State state) {
    Fibre& fibre = fibres[current];
    fibre.state = state;
    if (_setjmp(fibre.place) == 0) {
        _longjmp(scheduler, 1);
    }
}

void wake(uint32_t index) {
    fibres[index].state = State::Ready;
    ready.push_back(index);
}

uint32_t next() {
    size_t which = ready.size() - 1;
    if (order == 0) {
        which = 0;
    } else if (order == 2) {
        which = chance() % ready.size();
    }
    const uint32_t index = ready[which];
    ready.erase(ready.begin() + static_cast<ptrdiff_t>(which));
    return index;
}

// Never part of its caller, whose variables a jump would lose.
__attribute__((noinline)) void resume(uint32_t index) {
    current = index;
    const dim3& size = here.block_size;
    here.thread = dim3(index % size.x, index / size.x % size.y, index / size.x / size.y);
    if (_setjmp(scheduler) != 0) {
        return;
    }
    Fibre& fibre = fibres[index];
    if (fibre.begun) {
        _longjmp(fibre.place, 1);
    }
    fibre.begun = true;
    setcontext(&fibre.start);
}

// Never part of its caller either.
__attribute__((noinline)) void begin(uint32_t index) {
    Fibre& fibre = fibres[index];
    fibre.begun = false;
    fibre.index = index;
    fibre.exchanges = 0;
    fibre.batches.assign(1, {});
    getcontext(&fibre.start);
    fibre.start.uc_stack.ss_sp = stacks + index * STACK_BYTES;
    fibre.start.uc_stack.ss_size = STACK_BYTES;
    fibre.start.uc_link = nullptr;
    makecontext(&fibre.start, body, 0);
    wake(index);
}

void run_block(uint32_t threads) {
    memset(shared_end - shared_bytes_now, 0xff, shared_bytes_now);
    arrived_at_block = 0;
    ready.clear();
    for (uint32_t index = 0; index < threads; ++index) {
        begin(index);
    }
    for (Warp& warp : warps) {
        warp.arrived = 0;
    }
    while (!ready.empty()) {
        resume(next());
    }
    for (uint32_t index = 0; index < threads; ++index) {
        if (fibres[index].state != State::Done) {
            current = index;
            stop(fibres[index].state == State::AtBlock ? "not all threads of the block reach a barrier"
                                                       : "not all lanes of the warp come to an exchange");
        }
    }
}
}  // namespace

unsigned char* shared_memory() { return shared_end - shared_bytes_now; }
uint32_t lane() { return current % 32; }

void launch(dim3 grid, dim3 block, size_t shared_bytes, uint64_t seed, const std::function<void()>& kernel) {
    const uint32_t threads = block.x * block.y * block.z;
    if (threads > 1024 || threads % 32 != 0 || shared_bytes > MOST_SHARED_BYTES || grid.y > 65535 || grid.z > 65535) {
        stop("no GPU takes such a launch");
    }
    if (stack_count < threads) {
        stacks = guarded(threads * STACK_BYTES) - threads * STACK_BYTES;
        stack_count = threads;
    }
    if (shared_end == nullptr) {
        shared_end = guarded(MOST_SHARED_BYTES);
    }
    shared_bytes_now = (shared_bytes + 15) / 16 * 16;
    fibres.resize(threads);
    warps.assign(threads / 32, Warp{32, 0, 0, {}});
    chance.seed(seed);
    running = &kernel;
    here.grid_size = grid;
    here.block_size = block;
    const uint64_t blocks = static_cast<uint64_t>(grid.x) * grid.y * grid.z;
    std::vector<uint64_t> indices(blocks);
    std::iota(indices.begin(), indices.end(), 0);
    std::shuffle(indices.begin(), indices.end(), chance);
    for (const uint64_t index : indices) {
        here.block = dim3(index % grid.x, index / grid.x % grid.y, index / grid.x / grid.y);
        order = static_cast<int>(chance() % 3);
        copies_wait = chance() % 2 == 0;
        run_block(threads);
    }
}

void wait_for_block() {
    if (++arrived_at_block < fibres.size()) {
        wait(State::AtBlock);
        return;
    }
    arrived_at_block = 0;
    const uint32_t last = current;
    for (const Fibre& fibre : fibres) {
        if (fibre.index == last) {
            continue;
        }
        if (fibre.state != State::AtBlock) {
            stop("not all threads of the block reach a barrier");
        }
        wake(fibre.index);
    }
    // Who came last does not go on first.
    fibres[last].state = State::Ready;
    ready.push_back(last);
    wait(State::Ready);
}

const unsigned char* exchange(const void* own, size_t bytes) {
    Fibre& fibre = fibres[current];
    Warp& warp = warps[current / 32];
    unsigned char* all = warp.exchanged[fibre.exchanges++ % 2];
    if (bytes * 32 > MOST_EXCHANGED_BYTES) {
        stop("too much to exchange");
    }
    if (warp.arrived > 0 && warp.exchanged_bytes != bytes) {
        stop("the lanes of a warp are at different exchanges");
    }
    warp.exchanged_bytes = static_cast<uint32_t>(bytes);
    if (bytes > 0) {
        memcpy(all + current % 32 * bytes, own, bytes);
    }
    if (++warp.arrived < warp.size) {
        wait(State::AtWarp);
        return all;
    }
    warp.arrived = 0;
    const uint32_t last = current, first = last / 32 * 32;
    for (uint32_t index = first; index < first + warp.size; ++index) {
        if (index != last) {
            wake(index);
        }
    }
    ready.push_back(last);
    wait(State::Ready);
    return all;
}

void begin_copy(void* to, const void* from, bool wanted) {
    if (reinterpret_cast<uintptr_t>(to) % 16 != 0 || reinterpret_cast<uintptr_t>(from) % 16 != 0) {
        stop("a copy of 16 bytes is not aligned");
    }
    const Copy copy{to, from, wanted};
    if (copies_wait) {
        // Until it is waited for, what is there is nothing.
        memset(to, 0xff, 16);
        fibres[current].batches.back().push_back(copy);
    } else if (wanted) {
        memcpy(to, from, 16);
    } else {
        memset(to, 0, 16);
    }
}

void end_batch() { fibres[current].batches.emplace_back(); }

void wait_for_batches(int but) {
    auto& batches = fibres[current].batches;
    // The last one is not a batch yet.
    for (size_t index = 0; index + 1 + static_cast<size_t>(but) < batches.size(); ++index) {
        for (const Copy& copy : batches[index]) {
            if (copy.wanted) {
                memcpy(copy.to, copy.from, 16);
            } else {
                memset(copy.to, 0, 16);
            }
        }
        batches[index].clear();
    }
}
}  // namespace emulate
