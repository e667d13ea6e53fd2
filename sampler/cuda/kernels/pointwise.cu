// What is done to each token's numbers apart from the others': embeddings, norms, gates; and copies of pages.
// Not here: rotations (turn.cu), what tokens see of each other (attend.cu), products with weights (cuBLAS).
// Rows are `width` numbers, a multiple of 8 or else worked on one by one; pointers are multiples of 16 bytes.
#include "common.cuh"

// Grid: [tokens]. `out[i] = table[tokens[i]]`, rows of `width`.
template <class T, class X>
__device__ __forceinline__ void embed(const T* table, const uint32_t* tokens, X* out, uint32_t width) {
    const T* from = table + static_cast<uint64_t>(tokens[blockIdx.x]) * width;
    X* to = out + static_cast<uint64_t>(blockIdx.x) * width;
    if (width % TOGETHER == 0) {
        for (uint32_t at = threadIdx.x * TOGETHER; at < width; at += blockDim.x * TOGETHER) {
            float numbers[TOGETHER];
            load(from + at, numbers);
            store(to + at, numbers);
        }
    } else {
        for (uint32_t at = threadIdx.x; at < width; at += blockDim.x) {
            to[at] = narrow<X>(wide(from[at]));
        }
    }
}

// Grid: [rows of out]. A row of `x`, the one that `rows` names if that is given, first has `what` and `bias` added where
// they are given; then `out` is that row divided by the root of the mean of its squares, times `weight`.
template <class X, class T>
__device__ __forceinline__ void rms_norm(X* x, const T* what, const float* bias, const float* weight, T* out,
                                         const uint32_t* rows, uint32_t width, float eps) {
    __shared__ float scratch[WARP];
    const uint64_t row = rows == nullptr ? blockIdx.x : rows[blockIdx.x];
    x += row * width;
    what = what == nullptr ? nullptr : what + row * width;
    out += static_cast<uint64_t>(blockIdx.x) * width;
    const bool together = width % TOGETHER == 0;
    float squares = 0;
    if (together) {
        for (uint32_t at = threadIdx.x * TOGETHER; at < width; at += blockDim.x * TOGETHER) {
            float numbers[TOGETHER];
            load(x + at, numbers);
            if (what != nullptr) {
                float added[TOGETHER];
                load(what + at, added);
#pragma unroll
                for (uint32_t it = 0; it < TOGETHER; ++it) {
                    // What is normalised is what is stored, rounded.
                    numbers[it] = wide(narrow<X>(numbers[it] + (added[it] + (bias == nullptr ? 0.0f : bias[at + it]))));
                }
                store(x + at, numbers);
            }
#pragma unroll
            for (uint32_t it = 0; it < TOGETHER; ++it) {
                squares = fmaf(numbers[it], numbers[it], squares);
            }
        }
    } else {
        for (uint32_t at = threadIdx.x; at < width; at += blockDim.x) {
            float number = wide(x[at]);
            if (what != nullptr) {
                x[at] = narrow<X>(number + (wide(what[at]) + (bias == nullptr ? 0.0f : bias[at])));
                number = wide(x[at]);
            }
            squares = fmaf(number, number, squares);
        }
    }
    const float scale = 1.0f / sqrtf(block_sum(squares, scratch) / static_cast<float>(width) + eps);
    // Each thread reads what it has written itself.
    if (together) {
        for (uint32_t at = threadIdx.x * TOGETHER; at < width; at += blockDim.x * TOGETHER) {
            float numbers[TOGETHER], weights[TOGETHER];
            load(x + at, numbers);
            load(weight + at, weights);
#pragma unroll
            for (uint32_t it = 0; it < TOGETHER; ++it) {
                numbers[it] = numbers[it] * scale * weights[it];
            }
            store(out + at, numbers);
        }
    } else {
        for (uint32_t at = threadIdx.x; at < width; at += blockDim.x) {
            out[at] = narrow<T>(wide(x[at]) * scale * weight[at]);
        }
    }
}

__device__ __forceinline__ float gated(float gate, float up) { return gate / (1.0f + expf(-gate)) * up; }

// Grid: [rows, width / (8 x threads) rounded up]. A row of `both` is `width` gates, then as many numbers that they let through;
// `bias`, where it is given, is added to all.
template <class T>
__device__ __forceinline__ void silu_product(const T* both, const float* bias, T* out, uint32_t width) {
    const T* gates = both + static_cast<uint64_t>(blockIdx.x) * 2 * width;
    const T* ups = gates + width;
    out += static_cast<uint64_t>(blockIdx.x) * width;
    const uint32_t first = (blockIdx.y * blockDim.x + threadIdx.x) * TOGETHER;
    if (width % TOGETHER == 0) {
        if (first < width) {
            float gate[TOGETHER], up[TOGETHER];
            load(gates + first, gate);
            load(ups + first, up);
#pragma unroll
            for (uint32_t it = 0; it < TOGETHER; ++it) {
                const float of_gate = bias == nullptr ? 0.0f : bias[first + it];
                const float of_up = bias == nullptr ? 0.0f : bias[width + first + it];
                gate[it] = gated(gate[it] + of_gate, up[it] + of_up);
            }
            store(out + first, gate);
        }
    } else {
        for (uint32_t at = first; at < first + TOGETHER && at < width; ++at) {
            const float of_gate = bias == nullptr ? 0.0f : bias[at];
            const float of_up = bias == nullptr ? 0.0f : bias[width + at];
            out[at] = narrow<T>(gated(wide(gates[at]) + of_gate, wide(ups[at]) + of_up));
        }
    }
}

#define EMBED(NAME, T, X)                                                                                             \
    extern "C" __global__ void __launch_bounds__(256)                                                                 \
    embed_##NAME(const T* table, const uint32_t* tokens, X* out, uint32_t width) {                                    \
        embed(table, tokens, out, width);                                                                             \
    }
EMBED(f32_f32, float, float)
EMBED(f16_f16, f16, f16)
EMBED(f16_f32, f16, float)
EMBED(bf16_bf16, bf16, bf16)
EMBED(bf16_f32, bf16, float)

#define RMS_NORM(NAME, X, T)                                                                                          \
    extern "C" __global__ void __launch_bounds__(1024)                                                                \
    rms_norm_##NAME(X* x, const T* what, const float* bias, const float* weight, T* out, const uint32_t* rows,        \
                    uint32_t width, float eps) {                                                                      \
        rms_norm(x, what, bias, weight, out, rows, width, eps);                                                       \
    }
RMS_NORM(f32_f32, float, float)
RMS_NORM(f16_f16, f16, f16)
RMS_NORM(f32_f16, float, f16)
RMS_NORM(bf16_bf16, bf16, bf16)
RMS_NORM(f32_bf16, float, bf16)

#define SILU_PRODUCT(NAME, T)                                                                                         \
    extern "C" __global__ void __launch_bounds__(256)                                                                 \
    silu_product_##NAME(const T* both, const float* bias, T* out, uint32_t width) {                                   \
        silu_product(both, bias, out, width);                                                                         \
    }
SILU_PRODUCT(f32, float)
SILU_PRODUCT(f16, f16)
SILU_PRODUCT(bf16, bf16)

// Grid: [units / threads rounded up, pairs, layers]. Pages are `units` times 16 bytes, layers `layer_units` times 16 bytes
// apart. Of each pair the first page is copied to the second; no page may be in two pairs as the second, or as both.
extern "C" __global__ void __launch_bounds__(256)
copy_page(uint4* pages, const uint2* pairs, uint32_t units, uint64_t layer_units) {
    const uint32_t at = blockIdx.x * blockDim.x + threadIdx.x;
    if (at < units) {
        const uint2 copy = pairs[blockIdx.y];
        uint4* layer = pages + blockIdx.z * layer_units;
        layer[static_cast<uint64_t>(copy.y) * units + at] = layer[static_cast<uint64_t>(copy.x) * units + at];
    }
}
