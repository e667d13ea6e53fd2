// What the kernels of attention have in common: tasks, a query's running softmax, where results go.
// Not here: who looks at what (../README.md says how tasks are made), the looking (attend_tiles.cu, attend_any.cu).
//
// A task is some tokens that stand behind each other in a step, and some pages that all of them may look at: samples of one
// prompt and the prompt's pages, one sample and its own pages, or some tokens of a prompt and all before them. Every block
// does one task for one head of keys, with all the heads of queries that look at it: pages are loaded once for these all.
// A token whose pages are spread over several tasks gets a part from each; merge.cu puts the parts together.
#pragma once
#include "common.cuh"

// As the host writes it: 32 bytes.
struct Task {
    // The first token, and how many.
    uint32_t token;
    uint32_t tokens;
    // Where in the list of pages the first one stands.
    uint32_t pages;
    // Positions of the sequence that are looked at: the first, a multiple of 16, and the one behind the last. All are written.
    uint32_t from;
    uint32_t to;
    // The first token's part, its successors' behind it; WHOLE where these tokens have no other parts.
    uint32_t part;
    uint32_t unused[2];
};
constexpr uint32_t WHOLE = 0xffffffffu;

__device__ __forceinline__ Task task_of(const Task* tasks, uint32_t index) {
    const uint4* words = reinterpret_cast<const uint4*>(tasks + index);
    const uint4 low = words[0], high = words[1];
    return Task{low.x, low.y, low.z, low.w, high.x, high.y, {0, 0}};
}

// Where heads stand in a step's rows.
struct Heads {
    uint32_t queries;
    uint32_t keys;
    uint32_t width;

    __device__ __forceinline__ uint32_t group() const { return queries / keys; }
    // Numbers in a row.
    __device__ __forceinline__ uint32_t row() const { return (queries + 2 * keys) * width; }
};

// Results: of whole tokens `out`, [tokens, queries, width]. Of parts what the values sum up to, each times its weight,
// [parts, queries, width], and the greatest score and the sum of the weights, [parts, queries]. Scores are in powers of two.
template <class T> struct Results {
    T* out;
    float* parts;
    float2* marks;
};

// The query of a task with this index: heads of one token stand together. Its index in [tokens or parts, queries].
__device__ __forceinline__ uint64_t place_of(const Task& task, const Heads& heads, uint32_t of_keys, uint32_t query) {
    const uint32_t group = heads.group();
    const uint32_t first = task.part == WHOLE ? task.token : task.part;
    return static_cast<uint64_t>(first + query / group) * heads.queries + of_keys * group + query % group;
}

// Below which position this query may look, in this task.
__device__ __forceinline__ uint32_t limit_of(const Task& task, uint32_t group, const uint32_t* positions, uint32_t query) {
    const uint32_t known = positions[task.token + query / group] + 1;
    return known < task.to ? known : task.to;
}

// A factor for what was summed up to before the greatest score grew; 1 where nothing was seen, before and after.
__device__ __forceinline__ float fading(float before, float after) { return after == -INFINITY ? 1.0f : exp2f(before - after); }
__device__ __forceinline__ float weight_of(float score, float greatest) {
    return greatest == -INFINITY ? 0.0f : exp2f(score - greatest);
}
