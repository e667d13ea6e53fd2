// Attention without tensor cores, for f32 and for heads of any width up to 256 that is a multiple of 8.
// Not here: the fast way for f16 and bf16 (attend_tiles.cu), putting parts together (merge.cu).
// In: turned queries, pages, tasks. Out: results, or parts of them.
#include "attend.cuh"

constexpr uint32_t WARPS = 4;
// Queries that a warp works on together.
constexpr uint32_t QUERIES = 4;
// Numbers of a head that a lane has, at most.
constexpr uint32_t NUMBERS = 8;

// Grid: [tasks, heads of keys]; 128 threads; 4 x (32 x (width + 4) + 16 x width) bytes of shared memory.
template <class T>
__device__ __forceinline__ void attend_any(const T* rows, const T* pages, const Task* tasks, const uint32_t* page_list,
                                           const uint32_t* positions, const Results<T>& results, const Heads& heads,
                                           float scale) {
    SHARED_MEMORY(memory);
    const Task task = task_of(tasks, blockIdx.x);
    const uint32_t of_keys = blockIdx.y, warp = threadIdx.x / WARP, lane = threadIdx.x % WARP;
    const uint32_t width = heads.width, padded = width + 4, group = heads.group(), asked = task.tokens * group;
    const uint32_t count = (task.to - task.from + PAGE - 1) / PAGE;
    // A page's keys, then its values; then this warp's queries.
    float* tile = reinterpret_cast<float*>(memory);
    float* own = tile + 2 * PAGE * padded + warp * QUERIES * width;
    // For scores, half of the warp has one half of each key, the other half the other.
    const uint32_t place = lane % PAGE, half = lane / PAGE * (width / 2);
    for (uint32_t first = 0; first < asked; first += WARPS * QUERIES) {
        const uint32_t mine = first + warp * QUERIES;
        float means[QUERIES][NUMBERS], greatest[QUERIES], sum[QUERIES];
        uint32_t limit[QUERIES];
#pragma unroll
        for (uint32_t it = 0; it < QUERIES; ++it) {
            const uint32_t query = mine + it;
            limit[it] = query < asked ? limit_of(task, group, positions, query) : 0;
            greatest[it] = -INFINITY;
            sum[it] = 0;
            const T* from =
                rows + static_cast<uint64_t>(task.token + query / group) * heads.row() + (of_keys * group + query % group) * width;
            for (uint32_t at = lane; at < width; at += WARP) {
                own[it * width + at] = query < asked ? wide(from[at]) : 0.0f;
            }
#pragma unroll
            for (uint32_t number = 0; number < NUMBERS; ++number) {
                means[it][number] = 0;
            }
        }
        for (uint32_t index = 0; index < count; ++index) {
            const uint32_t position = task.from + index * PAGE;
            const uint64_t page = page_list[task.pages + index];
            const T* block = pages + (page * heads.keys + of_keys) * 2 * PAGE * width;
            // Whoever is still at the page before.
            __syncthreads();
            for (uint32_t at = threadIdx.x * TOGETHER; at < 2 * PAGE * width; at += WARPS * WARP * TOGETHER) {
                float numbers[TOGETHER] = {};
                const uint32_t row = at / width, column = at % width;
                // What was never written may hold anything, NaN too.
                if (position + row % PAGE < task.to) {
                    load(block + at, numbers);
                }
                store(tile + row * padded + column, numbers);
            }
            __syncthreads();
            float scores[QUERIES] = {};
            for (uint32_t at = half; at < half + width / 2; at += 4) {
                const float4 key = *reinterpret_cast<const float4*>(tile + place * padded + at);
#pragma unroll
                for (uint32_t it = 0; it < QUERIES; ++it) {
                    const float4 query = *reinterpret_cast<const float4*>(own + it * width + at);
                    scores[it] = fmaf(query.x, key.x, scores[it]);
                    scores[it] = fmaf(query.y, key.y, scores[it]);
                    scores[it] = fmaf(query.z, key.z, scores[it]);
                    scores[it] = fmaf(query.w, key.w, scores[it]);
                }
            }
#pragma unroll
            for (uint32_t it = 0; it < QUERIES; ++it) {
                scores[it] += __shfl_xor_sync(ALL_LANES, scores[it], PAGE);
                scores[it] = position + place < limit[it] ? scores[it] * scale : -INFINITY;
                float most = scores[it];
#pragma unroll
                for (int distance = PAGE / 2; distance > 0; distance /= 2) {
                    most = fmaxf(most, __shfl_xor_sync(ALL_LANES, most, distance));
                }
                most = fmaxf(most, greatest[it]);
                const float fade = fading(greatest[it], most);
                greatest[it] = most;
                scores[it] = weight_of(scores[it], most);
                float total = scores[it];
#pragma unroll
                for (int distance = PAGE / 2; distance > 0; distance /= 2) {
                    total += __shfl_xor_sync(ALL_LANES, total, distance);
                }
                sum[it] = fmaf(sum[it], fade, total);
#pragma unroll
                for (uint32_t number = 0; number < NUMBERS; ++number) {
                    means[it][number] *= fade;
                }
            }
            for (uint32_t at = 0; at < PAGE; ++at) {
                const float* values = tile + (PAGE + at) * padded;
                float weights[QUERIES];
#pragma unroll
                for (uint32_t it = 0; it < QUERIES; ++it) {
                    weights[it] = __shfl_sync(ALL_LANES, scores[it], at);
                }
#pragma unroll
                for (uint32_t number = 0; number < NUMBERS; ++number) {
                    const uint32_t column = number * WARP + lane;
                    const float value = column < width ? values[column] : 0.0f;
#pragma unroll
                    for (uint32_t it = 0; it < QUERIES; ++it) {
                        means[it][number] = fmaf(weights[it], value, means[it][number]);
                    }
                }
            }
        }
#pragma unroll
        for (uint32_t it = 0; it < QUERIES; ++it) {
            if (mine + it < asked) {
                const uint64_t to = place_of(task, heads, of_keys, mine + it);
#pragma unroll
                for (uint32_t number = 0; number < NUMBERS; ++number) {
                    const uint32_t column = number * WARP + lane;
                    if (column < width && task.part == WHOLE) {
                        results.out[to * width + column] = narrow<T>(means[it][number] / sum[it]);
                    } else if (column < width) {
                        results.parts[to * width + column] = means[it][number];
                    }
                }
                if (task.part != WHOLE && lane == 0) {
                    results.marks[to] = make_float2(greatest[it], sum[it]);
                }
            }
        }
    }
}

#define ATTEND_ANY(NAME, T)                                                                                           \
    extern "C" __global__ void __launch_bounds__(128)                                                                 \
    attend_any_##NAME(const T* rows, const T* pages, const Task* tasks, const uint32_t* page_list,                    \
                      const uint32_t* positions, T* out, float* parts, float2* marks, uint32_t queries,               \
                      uint32_t keys, uint32_t width, float scale) {                                                   \
        attend_any<T>(rows, pages, tasks, page_list, positions, Results<T>{out, parts, marks},                        \
                      Heads{queries, keys, width}, scale * 1.44269504f);                                              \
    }
ATTEND_ANY(f32, float)
ATTEND_ANY(f16, f16)
ATTEND_ANY(bf16, bf16)
