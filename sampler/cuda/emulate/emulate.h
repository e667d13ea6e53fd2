// CUDA on a CPU, to see whether kernels compute what they should: a fibre for each thread of a block, one block at a time.
// Not here: speed; how a GPU orders what is not ordered, but for fibres in many orders (emulate.cpp).
// In: kernels as they are, through g++. Out: the same results but for the order of a tensor core's sums, or a report of a
// barrier that not all reach.
//
// A fibre runs until it has to wait for others, which is as unfair as threads can be between two barriers: who is started
// last is always last, and the order of all is drawn anew with every launch. Copies that are begun are done at once or only
// when they are waited for, by chance. Shared memory begins as NaN.
#pragma once

#include <math.h>
#include <stdint.h>
#include <string.h>

#include <functional>

#define __global__
#define __device__
#define __forceinline__ inline
#define __launch_bounds__(...)
// One block runs at a time.
#define __shared__ static
#define SHARED_MEMORY(name) unsigned char* const name = emulate::shared_memory()

struct dim3 {
    uint32_t x = 1, y = 1, z = 1;
    dim3(uint32_t x = 1, uint32_t y = 1, uint32_t z = 1) : x(x), y(y), z(z) {}
};
struct alignas(8) float2 { float x, y; };
struct alignas(16) float4 { float x, y, z, w; };
struct alignas(8) uint2 { uint32_t x, y; };
struct alignas(16) uint4 { uint32_t x, y, z, w; };
inline float2 make_float2(float x, float y) { return {x, y}; }
inline float4 make_float4(float x, float y, float z, float w) { return {x, y, z, w}; }
inline uint2 make_uint2(uint32_t x, uint32_t y) { return {x, y}; }
inline uint4 make_uint4(uint32_t x, uint32_t y, uint32_t z, uint32_t w) { return {x, y, z, w}; }

struct f16 { uint16_t bits; };
struct bf16 { uint16_t bits; };

namespace emulate {
struct Coordinates {
    dim3 thread, block, block_size, grid_size;
};
extern Coordinates here;

unsigned char* shared_memory();
void launch(dim3 grid, dim3 block, size_t shared_bytes, uint64_t seed, const std::function<void()>& kernel);
void wait_for_block();
// Gives all lanes of the warp what each of them has; returns 32 x `bytes`.
const unsigned char* exchange(const void* own, size_t bytes);
uint32_t lane();
void begin_copy(void* to, const void* from, bool wanted);
[[noreturn]] void stop(const char* why);
void end_batch();
void wait_for_batches(int but);

template <class N> N from_lane(N own, uint32_t which) {
    N out;
    memcpy(&out, exchange(&own, sizeof own) + which * sizeof own, sizeof out);
    return out;
}
template <class N, class M> N as(M bits) {
    static_assert(sizeof(N) == sizeof(M), "bits");
    N out;
    memcpy(&out, &bits, sizeof out);
    return out;
}
}  // namespace emulate

#define threadIdx (emulate::here.thread)
#define blockIdx (emulate::here.block)
#define blockDim (emulate::here.block_size)
#define gridDim (emulate::here.grid_size)

inline void __syncthreads() { emulate::wait_for_block(); }
inline void __syncwarp() { emulate::exchange(nullptr, 0); }
template <class N> N __shfl_sync(uint32_t, N number, uint32_t from) { return emulate::from_lane(number, from % 32); }
template <class N> N __shfl_xor_sync(uint32_t, N number, uint32_t with) {
    return emulate::from_lane(number, emulate::lane() ^ with);
}
template <class N> N __shfl_up_sync(uint32_t, N number, uint32_t by) {
    return emulate::from_lane(number, emulate::lane() < by ? emulate::lane() : emulate::lane() - by);
}
inline uint32_t __ballot_sync(uint32_t, bool it) {
    const unsigned char* all = emulate::exchange(&it, 1);
    uint32_t out = 0;
    for (uint32_t lane = 0; lane < 32; ++lane) {
        out |= static_cast<uint32_t>(all[lane]) << lane;
    }
    return out;
}
// Fibres take turns only where they wait.
template <class N> N atomicAdd(N* to, N number) {
    const N before = *to;
    *to += number;
    return before;
}
template <class N> N atomicMin(N* to, N number) {
    const N before = *to;
    *to = number < before ? number : before;
    return before;
}

inline uint32_t __float_as_uint(float number) { return emulate::as<uint32_t>(number); }
inline float __uint_as_float(uint32_t bits) { return emulate::as<float>(bits); }
inline uint32_t __umulhi(uint32_t a, uint32_t b) { return static_cast<uint32_t>((static_cast<uint64_t>(a) * b) >> 32); }
inline uint64_t __umul64hi(uint64_t a, uint64_t b) {
    return static_cast<uint64_t>((static_cast<unsigned __int128>(a) * b) >> 64);
}
inline int __ffs(uint32_t bits) { return __builtin_ffs(static_cast<int>(bits)); }
inline int __clz(uint32_t bits) { return bits == 0 ? 32 : __builtin_clz(bits); }

inline float wide(float number) { return number; }
inline float wide(bf16 number) { return emulate::as<float>(static_cast<uint32_t>(number.bits) << 16); }
namespace emulate {
inline float widened(uint32_t bits) {
    const uint32_t sign = (bits & 0x8000u) << 16, exponent = bits >> 10 & 31, rest = bits & 1023;
    if (exponent == 31) {
        return as<float>(sign | 0x7f800000u | rest << 13);
    }
    const float magnitude = exponent == 0 ? ldexpf(static_cast<float>(rest), -24)
                                          : ldexpf(static_cast<float>(1024 + rest), static_cast<int>(exponent) - 25);
    return sign != 0 ? -magnitude : magnitude;
}
// All there are.
struct Widened {
    float numbers[65536];
    Widened() {
        for (uint32_t bits = 0; bits < 65536; ++bits) {
            numbers[bits] = widened(bits);
        }
    }
};
inline const Widened all_f16;
}  // namespace emulate
inline float wide(f16 number) { return emulate::all_f16.numbers[number.bits]; }

template <class T> T narrow(float number);
template <> inline float narrow<float>(float number) { return number; }
template <> inline bf16 narrow<bf16>(float number) {
    const uint32_t bits = emulate::as<uint32_t>(number);
    if (number != number) {
        return {0x7fff};
    }
    return {static_cast<uint16_t>((bits + 0x7fffu + (bits >> 16 & 1)) >> 16)};
}
template <> inline f16 narrow<f16>(float number) {
    const uint16_t sign = emulate::as<uint32_t>(number) >> 16 & 0x8000u;
    const float magnitude = fabsf(number);
    if (!(magnitude < 65520.0f)) {
        return {static_cast<uint16_t>(sign | (magnitude == magnitude ? 0x7c00 : 0x7fff))};
    }
    // The distance between neighbours here; nearbyint rounds to the even one.
    const int exponent = magnitude < 6.103515625e-5f ? -24 : ilogbf(magnitude) - 10;
    const auto units = static_cast<uint32_t>(nearbyintf(ldexpf(magnitude, -exponent)));
    // Carries into the exponent where rounding reaches the next one.
    return {static_cast<uint16_t>(sign | ((exponent == -24 ? 0 : (exponent + 24) << 10) + units))};
}

template <class T> uint32_t pair(float first, float second) {
    return narrow<T>(first).bits | static_cast<uint32_t>(narrow<T>(second).bits) << 16;
}
template <class T> float2 unpair(uint32_t both) {
    return {wide(T{static_cast<uint16_t>(both)}), wide(T{static_cast<uint16_t>(both >> 16)})};
}

// ldmatrix.m8n8.x4: PTX manual, 9.7.14.5.15. Eight rows of a matrix in different banks, or it takes longer.
inline void load_matrices_as(uint32_t (&out)[4], const void* row, bool transposed) {
    const unsigned char* all = emulate::exchange(&row, sizeof row);
    const uint32_t lane = emulate::lane();
    for (uint32_t matrix = 0; matrix < 4; ++matrix) {
        uint32_t banks = 0;
        for (uint32_t it = 0; it < 8; ++it) {
            uintptr_t address;
            memcpy(&address, all + (matrix * 8 + it) * sizeof address, sizeof address);
            banks |= 1u << address % 128 / 16;
            if (address % 16 != 0) {
                emulate::stop("a row of a matrix is not aligned");
            }
        }
        if (banks != 0xff) {
            emulate::stop("rows of a matrix are in the same banks");
        }
        uint16_t two[2];
        for (uint32_t it = 0; it < 2; ++it) {
            const uint32_t at_row = transposed ? lane % 4 * 2 + it : lane / 4;
            const uint32_t at_column = transposed ? lane / 4 : lane % 4 * 2 + it;
            const uint16_t* from;
            memcpy(&from, all + (matrix * 8 + at_row) * sizeof from, sizeof from);
            two[it] = from[at_column];
        }
        out[matrix] = two[0] | static_cast<uint32_t>(two[1]) << 16;
    }
    // Whoever writes there next waits until all have read.
    emulate::exchange(nullptr, 0);
}
inline void load_matrices(uint32_t (&out)[4], const void* row) { load_matrices_as(out, row, false); }
inline void load_matrices_transposed(uint32_t (&out)[4], const void* row) { load_matrices_as(out, row, true); }

// mma.m16n8k16: PTX manual, 9.7.14.5.8 (fragments).
template <class T>
void multiply_add(float (&sums)[4], const uint32_t (&left)[4], uint32_t right0, uint32_t right1) {
    struct Fragments { float2 left[4], right[2]; };
    const Fragments own{{unpair<T>(left[0]), unpair<T>(left[1]), unpair<T>(left[2]), unpair<T>(left[3])},
                        {unpair<T>(right0), unpair<T>(right1)}};
    const auto* all = reinterpret_cast<const Fragments*>(emulate::exchange(&own, sizeof own));
    const uint32_t lane = emulate::lane();
    for (uint32_t it = 0; it < 4; ++it) {
        const uint32_t row = lane / 4 + it / 2 * 8, column = lane % 4 * 2 + it % 2;
        for (uint32_t k = 0; k < 16; k += 2) {
            const float2 of_left = all[row % 8 * 4 + k % 8 / 2].left[row / 8 + k / 8 * 2];
            const float2 of_right = all[column * 4 + k % 8 / 2].right[k / 8];
            sums[it] += of_left.x * of_right.x + of_left.y * of_right.y;
        }
    }
}

inline void copy_begin(void* shared, const void* global, bool wanted) { emulate::begin_copy(shared, global, wanted); }
inline void copy_batch() { emulate::end_batch(); }
template <int BATCHES> void copy_wait() { emulate::wait_for_batches(BATCHES); }
