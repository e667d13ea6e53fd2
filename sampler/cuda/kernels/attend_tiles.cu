// Attention on tensor cores: f16 and bf16, heads 64 or 128 wide, sm_80 and later.
// Not here: f32 and other widths (attend_any.cu), putting parts together (merge.cu).
// In: turned queries, pages, tasks. Out: results, or parts of them.
//
// `few` is for a sample's own pages: sixteen queries, and each of four warps looks at every fourth page. `many` is for samples
// at their prompt and for prompts: four warps with sixteen queries each, which look at the same four pages at a time. Both
// load what comes next while they look. In shared memory the 16-byte pieces of a row are exchanged, `piece ^ row % 8`, so that
// eight rows' pieces of a column lie in different banks.
#include "attend.cuh"

constexpr uint32_t WARPS = 4;
// Queries that a warp works on: the height of a tensor core's tile.
constexpr uint32_t HEIGHT = 16;
// Pages that `many` looks at together.
constexpr uint32_t PAGES = 4;

// A page's keys and values for one head: so many numbers, then as many.
template <uint32_t WIDTH> constexpr uint32_t BLOCK = 2 * PAGE * WIDTH;

template <uint32_t WIDTH> __device__ __forceinline__ uint32_t swizzled(uint32_t row, uint32_t piece) {
    return row * WIDTH + (piece ^ (row % 8)) * 8;
}

// Some threads begin to copy a page's block; positions from `to` on become zeros: they may hold anything, NaN too.
template <class T, uint32_t WIDTH>
__device__ __forceinline__ void fetch(T* tile, const T* block, uint32_t position, uint32_t to, uint32_t thread, uint32_t threads) {
    constexpr uint32_t PIECES = WIDTH / 8;
#pragma unroll 4
    for (uint32_t piece = thread; piece < 2 * PAGE * PIECES; piece += threads) {
        const uint32_t row = piece / PIECES, column = piece % PIECES;
        copy_begin(tile + swizzled<WIDTH>(row, column), block + piece * 8, position + row % PAGE < to);
    }
}

// Sixteen queries of one warp and what they have seen. Of a tile's rows a lane has lane / 4 and that plus 8.
template <class T, uint32_t WIDTH> struct Look {
    uint32_t queries[WIDTH / 16][4];
    float means[WIDTH / 8][4];
    float greatest[2];
    // Of this lane's columns only, until `settle`.
    float sum[2];
    uint32_t limit[2];
    float scale;

    __device__ __forceinline__ void begin(const T* rows, const Task& task, const Heads& heads, uint32_t of_keys,
                                          const uint32_t* positions, uint32_t first, float scaling) {
        const uint32_t lane = threadIdx.x % WARP, group = heads.group();
        scale = scaling;
        const uint32_t* words[2];
#pragma unroll
        for (int it = 0; it < 2; ++it) {
            const uint32_t query = first + lane / 4 + 8 * it;
            const bool real = query < task.tokens * group;
            const uint64_t row = static_cast<uint64_t>(task.token + query / group) * heads.row();
            words[it] = real ? reinterpret_cast<const uint32_t*>(rows + row + (of_keys * group + query % group) * WIDTH) : nullptr;
            limit[it] = real ? limit_of(task, group, positions, query) : 0;
            greatest[it] = -INFINITY;
            sum[it] = 0;
        }
#pragma unroll
        for (uint32_t part = 0; part < WIDTH / 16; ++part) {
#pragma unroll
            for (int it = 0; it < 4; ++it) {
                const uint32_t* from = words[it % 2];
                queries[part][it] = from == nullptr ? 0 : from[part * 8 + (it / 2) * 4 + lane % 4];
            }
        }
#pragma unroll
        for (uint32_t part = 0; part < WIDTH / 8; ++part) {
#pragma unroll
            for (int it = 0; it < 4; ++it) {
                means[part][it] = 0;
            }
        }
    }

    // Looks at so many blocks that lie behind each other in shared memory, from a position on.
    template <uint32_t BLOCKS> __device__ __forceinline__ void see(const T* tile, uint32_t position) {
        const uint32_t lane = threadIdx.x % WARP;
        float scores[2 * BLOCKS][4];
#pragma unroll
        for (uint32_t half = 0; half < 2 * BLOCKS; ++half) {
#pragma unroll
            for (int it = 0; it < 4; ++it) {
                scores[half][it] = 0;
            }
        }
#pragma unroll
        for (uint32_t part = 0; part < WIDTH / 16; ++part) {
#pragma unroll
            for (uint32_t block = 0; block < BLOCKS; ++block) {
                uint32_t keys[4];
                const uint32_t row = (lane / 16) * 8 + lane % 8, piece = part * 2 + lane / 8 % 2;
                load_matrices(keys, tile + block * BLOCK<WIDTH> + swizzled<WIDTH>(row, piece));
                multiply_add<T>(scores[2 * block], queries[part], keys[0], keys[1]);
                multiply_add<T>(scores[2 * block + 1], queries[part], keys[2], keys[3]);
            }
        }
        float most[2] = {greatest[0], greatest[1]};
#pragma unroll
        for (uint32_t half = 0; half < 2 * BLOCKS; ++half) {
#pragma unroll
            for (int it = 0; it < 4; ++it) {
                const uint32_t at = position + half * 8 + lane % 4 * 2 + it % 2;
                scores[half][it] = at < limit[it / 2] ? scores[half][it] * scale : -INFINITY;
                most[it / 2] = fmaxf(most[it / 2], scores[half][it]);
            }
        }
        float fade[2];
#pragma unroll
        for (int it = 0; it < 2; ++it) {
            most[it] = fmaxf(most[it], __shfl_xor_sync(ALL_LANES, most[it], 1));
            most[it] = fmaxf(most[it], __shfl_xor_sync(ALL_LANES, most[it], 2));
            fade[it] = fading(greatest[it], most[it]);
            greatest[it] = most[it];
            sum[it] *= fade[it];
        }
#pragma unroll
        for (uint32_t half = 0; half < 2 * BLOCKS; ++half) {
#pragma unroll
            for (int it = 0; it < 4; ++it) {
                scores[half][it] = weight_of(scores[half][it], most[it / 2]);
                sum[it / 2] += scores[half][it];
            }
        }
#pragma unroll
        for (uint32_t part = 0; part < WIDTH / 8; ++part) {
#pragma unroll
            for (int it = 0; it < 4; ++it) {
                means[part][it] *= fade[it / 2];
            }
        }
#pragma unroll
        for (uint32_t block = 0; block < BLOCKS; ++block) {
            const float(&low)[4] = scores[2 * block];
            const float(&high)[4] = scores[2 * block + 1];
            const uint32_t weights[4] = {pair<T>(low[0], low[1]), pair<T>(low[2], low[3]), pair<T>(high[0], high[1]),
                                         pair<T>(high[2], high[3])};
#pragma unroll
            for (uint32_t part = 0; part < WIDTH / 16; ++part) {
                uint32_t values[4];
                const uint32_t row = PAGE + lane % 16, piece = part * 2 + lane / 16;
                load_matrices_transposed(values, tile + block * BLOCK<WIDTH> + swizzled<WIDTH>(row, piece));
                multiply_add<T>(means[2 * part], weights, values[0], values[1]);
                multiply_add<T>(means[2 * part + 1], weights, values[2], values[3]);
            }
        }
    }

    // The four lanes of a row add up what they have.
    __device__ __forceinline__ void settle() {
#pragma unroll
        for (int it = 0; it < 2; ++it) {
            sum[it] += __shfl_xor_sync(ALL_LANES, sum[it], 1);
            sum[it] += __shfl_xor_sync(ALL_LANES, sum[it], 2);
        }
    }
};

// A block of a head of keys on a page of the list.
template <class T, uint32_t WIDTH>
__device__ __forceinline__ const T* block_of(const T* pages, uint32_t page, uint32_t keys, uint32_t of_keys) {
    return pages + (static_cast<uint64_t>(page) * keys + of_keys) * BLOCK<WIDTH>;
}

// Two numbers of a result that stand beside each other.
template <class T, uint32_t WIDTH>
__device__ __forceinline__ void write(const Results<T>& results, const Task& task, uint64_t place, uint32_t column, float first,
                                      float second, float sum) {
    if (task.part == WHOLE) {
        *reinterpret_cast<uint32_t*>(results.out + place * WIDTH + column) = pair<T>(first / sum, second / sum);
    } else {
        *reinterpret_cast<float2*>(results.parts + place * WIDTH + column) = make_float2(first, second);
    }
}

// Numbers of a row of means in shared memory: some more than it has, so that rows lie in different banks.
template <uint32_t WIDTH> constexpr uint32_t PADDED = WIDTH + 8;

// Grid: [tasks, heads of keys]; 128 threads; 512 x WIDTH bytes of shared memory.
template <class T, uint32_t WIDTH>
__device__ __forceinline__ void attend_few(const T* rows, const T* pages, const Task* tasks, const uint32_t* page_list,
                                           const uint32_t* positions, const Results<T>& results, uint32_t queries, uint32_t keys,
                                           float scale) {
    SHARED_MEMORY(memory);
    const Heads heads{queries, keys, WIDTH};
    const Task task = task_of(tasks, blockIdx.x);
    const uint32_t of_keys = blockIdx.y, warp = threadIdx.x / WARP, lane = threadIdx.x % WARP;
    const uint32_t count = (task.to - task.from + PAGE - 1) / PAGE, asked = task.tokens * heads.group();
    T* tiles = reinterpret_cast<T*>(memory) + warp * 2 * BLOCK<WIDTH>;
    float* means = reinterpret_cast<float*>(memory);
    float2* marks = reinterpret_cast<float2*>(means + WARPS * HEIGHT * PADDED<WIDTH>);
    const auto page_of = [&](uint32_t index) { return index < count ? page_list[task.pages + index] : 0; };
    const auto begin_page = [&](uint32_t index, uint32_t page, uint32_t stage) {
        const T* block = block_of<T, WIDTH>(pages, page, keys, of_keys);
        fetch<T, WIDTH>(tiles + stage * BLOCK<WIDTH>, block, task.from + index * PAGE, task.to, lane, WARP);
    };
    for (uint32_t first = 0; first < asked; first += HEIGHT) {
        if (warp < count) {
            begin_page(warp, page_of(warp), 0);
        }
        copy_batch();
        // Which page comes next is known before it is needed.
        uint32_t next = page_of(warp + WARPS);
        Look<T, WIDTH> look;
        look.begin(rows, task, heads, of_keys, positions, first, scale);
        for (uint32_t index = warp, stage = 0; index < count; index += WARPS, stage ^= 1) {
            if (index + WARPS < count) {
                begin_page(index + WARPS, next, stage ^ 1);
            }
            copy_batch();
            next = page_of(index + 2 * WARPS);
            copy_wait<1>();
            __syncwarp();
            look.template see<1>(tiles + stage * BLOCK<WIDTH>, task.from + index * PAGE);
            // The next page but one goes where this one was.
            __syncwarp();
        }
        look.settle();
        // The tiles' memory now takes what each warp has seen.
        copy_wait<0>();
        __syncthreads();
#pragma unroll
        for (int it = 0; it < 2; ++it) {
            const uint32_t row = warp * HEIGHT + lane / 4 + 8 * it;
#pragma unroll
            for (uint32_t part = 0; part < WIDTH / 8; ++part) {
                *reinterpret_cast<float2*>(means + row * PADDED<WIDTH> + part * 8 + lane % 4 * 2) =
                    make_float2(look.means[part][2 * it], look.means[part][2 * it + 1]);
            }
            if (lane % 4 == 0) {
                marks[row] = make_float2(look.greatest[it], look.sum[it]);
            }
        }
        __syncthreads();
        for (uint32_t at = threadIdx.x; at < HEIGHT * WIDTH / 2; at += WARPS * WARP) {
            const uint32_t query = at / (WIDTH / 2), column = at % (WIDTH / 2) * 2;
            if (first + query < asked) {
                float most = -INFINITY, sum = 0;
                float2 mean = make_float2(0, 0);
#pragma unroll
                for (uint32_t of = 0; of < WARPS; ++of) {
                    most = fmaxf(most, marks[of * HEIGHT + query].x);
                }
#pragma unroll
                for (uint32_t of = 0; of < WARPS; ++of) {
                    const float2 mark = marks[of * HEIGHT + query];
                    const float2 part = *reinterpret_cast<const float2*>(means + (of * HEIGHT + query) * PADDED<WIDTH> + column);
                    const float weight = weight_of(mark.x, most);
                    sum += mark.y * weight;
                    mean.x += part.x * weight;
                    mean.y += part.y * weight;
                }
                const uint64_t place = place_of(task, heads, of_keys, first + query);
                write<T, WIDTH>(results, task, place, column, mean.x, mean.y, sum);
                if (task.part != WHOLE && column == 0) {
                    results.marks[place] = make_float2(most, sum);
                }
            }
        }
        __syncthreads();
    }
}

// Grid: [tasks, heads of keys]; 128 threads; 512 x WIDTH bytes of shared memory.
template <class T, uint32_t WIDTH>
__device__ __forceinline__ void attend_many(const T* rows, const T* pages, const Task* tasks, const uint32_t* page_list,
                                            const uint32_t* positions, const Results<T>& results, uint32_t queries, uint32_t keys,
                                            float scale) {
    SHARED_MEMORY(memory);
    const Heads heads{queries, keys, WIDTH};
    const Task task = task_of(tasks, blockIdx.x);
    const uint32_t of_keys = blockIdx.y, warp = threadIdx.x / WARP, lane = threadIdx.x % WARP;
    const uint32_t count = (task.to - task.from + PAGE - 1) / PAGE, asked = task.tokens * heads.group();
    T* tiles = reinterpret_cast<T*>(memory);
    const auto begin_pages = [&](uint32_t index, uint32_t stage) {
#pragma unroll
        for (uint32_t it = 0; it < PAGES; ++it) {
            // Pages behind the last one become zeros.
            const uint32_t page = index + it < count ? page_list[task.pages + index + it] : 0;
            fetch<T, WIDTH>(tiles + (stage * PAGES + it) * BLOCK<WIDTH>, block_of<T, WIDTH>(pages, page, keys, of_keys),
                            task.from + (index + it) * PAGE, task.to, threadIdx.x, WARPS * WARP);
        }
    };
    for (uint32_t first = 0; first < asked; first += WARPS * HEIGHT) {
        begin_pages(0, 0);
        copy_batch();
        Look<T, WIDTH> look;
        look.begin(rows, task, heads, of_keys, positions, first + warp * HEIGHT, scale);
        for (uint32_t index = 0, stage = 0; index < count; index += PAGES, stage ^= 1) {
            if (index + PAGES < count) {
                begin_pages(index + PAGES, stage ^ 1);
            }
            copy_batch();
            copy_wait<1>();
            __syncthreads();
            look.template see<PAGES>(tiles + stage * PAGES * BLOCK<WIDTH>, task.from + index * PAGE);
            // The next pages but one go where these were.
            __syncthreads();
        }
        look.settle();
#pragma unroll
        for (int it = 0; it < 2; ++it) {
            const uint32_t query = first + warp * HEIGHT + lane / 4 + 8 * it;
            if (query < asked) {
                const uint64_t place = place_of(task, heads, of_keys, query);
#pragma unroll
                for (uint32_t part = 0; part < WIDTH / 8; ++part) {
                    write<T, WIDTH>(results, task, place, part * 8 + lane % 4 * 2, look.means[part][2 * it],
                                    look.means[part][2 * it + 1], look.sum[it]);
                }
                if (task.part != WHOLE && lane % 4 == 0) {
                    results.marks[place] = make_float2(look.greatest[it], look.sum[it]);
                }
            }
        }
    }
}

#define ATTEND(HOW, NAME, T, WIDTH)                                                                                   \
    extern "C" __global__ void __launch_bounds__(128)                                                                 \
    attend_##HOW##_##NAME(const T* rows, const T* pages, const Task* tasks, const uint32_t* page_list,                \
                          const uint32_t* positions, T* out, float* parts, float2* marks, uint32_t queries,           \
                          uint32_t keys, float scale) {                                                               \
        attend_##HOW<T, WIDTH>(rows, pages, tasks, page_list, positions, Results<T>{out, parts, marks}, queries, keys, \
                               scale * 1.44269504f);                                                                  \
    }
ATTEND(few, f16_64, f16, 64)
ATTEND(few, f16_128, f16, 128)
ATTEND(few, bf16_64, bf16, 64)
ATTEND(few, bf16_128, bf16, 128)
ATTEND(many, f16_64, f16, 64)
ATTEND(many, f16_128, f16, 128)
ATTEND(many, bf16_64, bf16, 64)
ATTEND(many, bf16_128, bf16, 128)
