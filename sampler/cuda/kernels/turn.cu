// Turns queries and keys by their positions, and puts keys and values on their pages.
// Not here: the tables of angles (Rope::tables in rope.rs), what tokens see of each other (attend.cu).
// In: rows of all heads of queries, of keys, of values. Out: queries in place; keys and values on pages only.
//
// A layer's pages are [page][head of keys][keys, values][place on the page: 16][width]: what one block of attend.cu reads of a
// page is one piece, 8 KiB of it at width 128 in 16 bits, and lanes beside each other write numbers beside each other.
#include "common.cuh"

// Pairs of a head that a lane has: heads are up to 256 wide.
constexpr uint32_t PAIRS = 4;

// Grid: [tokens, heads / (threads / 32) rounded up], heads = queries + 2 x keys; a warp has one. `bias` of a row, `norms` of the
// queries' and the keys' heads, `[2, width]`, where they are given.
template <class T>
__device__ __forceinline__ void turn_keep(T* rows, const float* bias, const float* tables, const float* norms,
                                          const uint32_t* positions, const uint32_t* slots, T* pages, uint32_t queries,
                                          uint32_t keys, uint32_t width, float eps) {
    const uint32_t token = blockIdx.x, lane = threadIdx.x % WARP, half = width / 2, heads = queries + 2 * keys;
    const uint32_t head = blockIdx.y * (blockDim.x / WARP) + threadIdx.x / WARP;
    // Whole warps leave.
    if (head >= heads) {
        return;
    }
    T* numbers = rows + (static_cast<uint64_t>(token) * heads + head) * width;
    const bool is_value = head >= queries + keys;
    float first[PAIRS], second[PAIRS], squares = 0;
#pragma unroll
    for (uint32_t it = 0; it < PAIRS; ++it) {
        const uint32_t pair = it * WARP + lane;
        if (pair < half) {
            first[it] = wide(numbers[pair]);
            second[it] = wide(numbers[half + pair]);
            if (bias != nullptr) {
                first[it] += bias[head * width + pair];
                second[it] += bias[head * width + half + pair];
            }
            squares = fmaf(first[it], first[it], squares);
            squares = fmaf(second[it], second[it], squares);
        }
    }
    if (norms != nullptr && !is_value) {
        const float scale = 1.0f / sqrtf(warp_sum(squares) / static_cast<float>(width) + eps);
        const float* weights = norms + (head < queries ? 0 : width);
#pragma unroll
        for (uint32_t it = 0; it < PAIRS; ++it) {
            const uint32_t pair = it * WARP + lane;
            if (pair < half) {
                first[it] = first[it] * scale * weights[pair];
                second[it] = second[it] * scale * weights[half + pair];
            }
        }
    }
    T* to = numbers;
    if (head >= queries) {
        const uint32_t slot = slots[token], of_keys = (head - queries) % keys;
        const uint64_t block = (static_cast<uint64_t>(slot / PAGE) * keys + of_keys) * 2 + (is_value ? 1 : 0);
        to = pages + (block * PAGE + slot % PAGE) * width;
    }
    const float* cosines = tables + static_cast<uint64_t>(positions[token]) * width;
#pragma unroll
    for (uint32_t it = 0; it < PAIRS; ++it) {
        const uint32_t pair = it * WARP + lane;
        if (pair < half) {
            const float cosine = cosines[pair], sine = cosines[half + pair];
            to[pair] = narrow<T>(is_value ? first[it] : first[it] * cosine - second[it] * sine);
            to[half + pair] = narrow<T>(is_value ? second[it] : second[it] * cosine + first[it] * sine);
        }
    }
}

#define TURN_KEEP(NAME, T)                                                                                            \
    extern "C" __global__ void __launch_bounds__(256)                                                                 \
    turn_keep_##NAME(T* rows, const float* bias, const float* tables, const float* norms, const uint32_t* positions,  \
                     const uint32_t* slots, T* pages, uint32_t queries, uint32_t keys, uint32_t width, float eps) {   \
        turn_keep(rows, bias, tables, norms, positions, slots, pages, queries, keys, width, eps);                     \
    }
TURN_KEEP(f32, float)
TURN_KEEP(f16, f16)
TURN_KEEP(bf16, bf16)
