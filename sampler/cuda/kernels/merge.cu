// Puts together what a token has seen in several tasks.
// Not here: the looking (attend_tiles.cu, attend_any.cu).
// In: parts, as attend.cuh has them. Out: results.
#include "attend.cuh"

// A token whose parts are to be put together: `parts[from..to]` says which.
struct Merge {
    uint32_t token;
    uint32_t from;
    uint32_t to;
    uint32_t unused;
};

// Grid: [merges, heads of queries]; threads: any.
template <class T>
__device__ __forceinline__ void merge(const float* means, const float2* marks, const Merge* merges, const uint32_t* parts, T* out,
                                      uint32_t queries, uint32_t width) {
    const Merge which = merges[blockIdx.x];
    const uint32_t head = blockIdx.y;
    float most = -INFINITY, sum = 0;
    for (uint32_t at = which.from; at < which.to; ++at) {
        most = fmaxf(most, marks[static_cast<uint64_t>(parts[at]) * queries + head].x);
    }
    for (uint32_t at = which.from; at < which.to; ++at) {
        const float2 mark = marks[static_cast<uint64_t>(parts[at]) * queries + head];
        sum = fmaf(mark.y, weight_of(mark.x, most), sum);
    }
    for (uint32_t column = threadIdx.x; column < width; column += blockDim.x) {
        float mean = 0;
        for (uint32_t at = which.from; at < which.to; ++at) {
            const uint64_t place = static_cast<uint64_t>(parts[at]) * queries + head;
            mean = fmaf(means[place * width + column], weight_of(marks[place].x, most), mean);
        }
        out[(static_cast<uint64_t>(which.token) * queries + head) * width + column] = narrow<T>(mean / sum);
    }
}

#define MERGE(NAME, T)                                                                                                \
    extern "C" __global__ void __launch_bounds__(256)                                                                 \
    merge_##NAME(const float* means, const float2* marks, const Merge* merges, const uint32_t* parts, T* out,         \
                 uint32_t queries, uint32_t width) {                                                                  \
        merge(means, marks, merges, parts, out, queries, width);                                                      \
    }
MERGE(f32, float)
MERGE(f16, f16)
MERGE(bf16, bf16)
