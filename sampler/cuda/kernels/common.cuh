// Numbers as they are stored and as they are worked on, and sums over a warp and a block.
// Not here: what only a GPU's own instructions do (instructions.cuh; on a CPU ../emulate/emulate.h does it).
// All arithmetic is in f32, whatever is stored: f32, f16 or bf16.
#pragma once

#ifdef TRIALBOX_EMULATE
#include "../emulate/emulate.h"
#else
#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <stdint.h>

typedef __half f16;
typedef __nv_bfloat16 bf16;

// What the caller of a kernel gives each block, beside what it declares itself.
#define SHARED_MEMORY(name) extern __shared__ __align__(16) unsigned char name[]
#include "instructions.cuh"
#endif

// Positions on a page; `PAGE` of places.rs.
constexpr uint32_t PAGE = 16;
constexpr uint32_t WARP = 32;
constexpr uint32_t ALL_LANES = 0xffffffffu;

#ifndef TRIALBOX_EMULATE
__device__ __forceinline__ float wide(float number) { return number; }
__device__ __forceinline__ float wide(f16 number) { return __half2float(number); }
__device__ __forceinline__ float wide(bf16 number) { return __bfloat162float(number); }

// To the nearest, of two equally near the even one.
template <class T> __device__ __forceinline__ T narrow(float number);
template <> __device__ __forceinline__ float narrow<float>(float number) { return number; }
template <> __device__ __forceinline__ f16 narrow<f16>(float number) { return __float2half_rn(number); }
template <> __device__ __forceinline__ bf16 narrow<bf16>(float number) { return __float2bfloat16_rn(number); }

// Two numbers in one register, the first one in the low half.
template <class T> __device__ __forceinline__ uint32_t pair(float first, float second);
template <> __device__ __forceinline__ uint32_t pair<f16>(float first, float second) {
    const __half2 both = __floats2half2_rn(first, second);
    return *reinterpret_cast<const uint32_t*>(&both);
}
template <> __device__ __forceinline__ uint32_t pair<bf16>(float first, float second) {
    const __nv_bfloat162 both = __floats2bfloat162_rn(first, second);
    return *reinterpret_cast<const uint32_t*>(&both);
}
template <class T> __device__ __forceinline__ float2 unpair(uint32_t both);
template <> __device__ __forceinline__ float2 unpair<f16>(uint32_t both) {
    return __half22float2(*reinterpret_cast<const __half2*>(&both));
}
template <> __device__ __forceinline__ float2 unpair<bf16>(uint32_t both) {
    return make_float2(__uint_as_float(both << 16), __uint_as_float(both & 0xffff0000u));
}
#endif

// Numbers that are loaded and stored together: 16 bytes of what is narrow, twice 16 of f32. `from` and `to` are multiples
// of 16 bytes.
constexpr uint32_t TOGETHER = 8;

template <class T> __device__ __forceinline__ void load(const T* from, float (&numbers)[TOGETHER]) {
    const uint4 raw = *reinterpret_cast<const uint4*>(from);
    const uint32_t words[4] = {raw.x, raw.y, raw.z, raw.w};
#pragma unroll
    for (int word = 0; word < 4; ++word) {
        const float2 both = unpair<T>(words[word]);
        numbers[2 * word] = both.x;
        numbers[2 * word + 1] = both.y;
    }
}
template <> __device__ __forceinline__ void load<float>(const float* from, float (&numbers)[TOGETHER]) {
#pragma unroll
    for (int part = 0; part < 2; ++part) {
        const float4 four = reinterpret_cast<const float4*>(from)[part];
        numbers[4 * part] = four.x;
        numbers[4 * part + 1] = four.y;
        numbers[4 * part + 2] = four.z;
        numbers[4 * part + 3] = four.w;
    }
}

template <class T> __device__ __forceinline__ void store(T* to, const float (&numbers)[TOGETHER]) {
    *reinterpret_cast<uint4*>(to) = make_uint4(pair<T>(numbers[0], numbers[1]), pair<T>(numbers[2], numbers[3]),
                                               pair<T>(numbers[4], numbers[5]), pair<T>(numbers[6], numbers[7]));
}
template <> __device__ __forceinline__ void store<float>(float* to, const float (&numbers)[TOGETHER]) {
#pragma unroll
    for (int part = 0; part < 2; ++part) {
        reinterpret_cast<float4*>(to)[part] =
            make_float4(numbers[4 * part], numbers[4 * part + 1], numbers[4 * part + 2], numbers[4 * part + 3]);
    }
}

// The sum of what all lanes of the warp have; each lane gets it.
template <class N> __device__ __forceinline__ N warp_sum(N number) {
#pragma unroll
    for (int distance = WARP / 2; distance > 0; distance /= 2) {
        number += __shfl_xor_sync(ALL_LANES, number, distance);
    }
    return number;
}

// The sum of what all threads of the block have; each gets it. `scratch` has a place for each warp. All threads call it; a
// second call with the same scratch needs a barrier before it, which this one ends with.
template <class N> __device__ __forceinline__ N block_sum(N number, N* scratch) {
    const uint32_t warps = blockDim.x / WARP;
    number = warp_sum(number);
    if (threadIdx.x % WARP == 0) {
        scratch[threadIdx.x / WARP] = number;
    }
    __syncthreads();
    N total = 0;
    for (uint32_t warp = 0; warp < warps; ++warp) {
        total += scratch[warp];
    }
    __syncthreads();
    return total;
}
