// Draws each row's next token: temperature, top-k, top-p, one number from Philox. One block a row, no sort.
// Not here: the rules (nucleus.rs and random.rs, which this agrees with token by token), stop strings, limits.
// In: logits. Out: a token and its log-probability at temperature 1; NaN there, and token 0, where a logit is no number.
//
// Weights are whole numbers, units of 2^-44 of the likeliest token's, so sums are exact in any order: a row's draw is the same
// whatever is beside it. Tokens stand by logit, then by number. To find the one with which their weights reach a target, all
// are counted in bins by the logarithm of their weight; the bin in which the target is reached is divided by the bits of the
// logits until few are left, which are compared with each other, or one logit that many have, which are taken in order.
#include "common.cuh"

constexpr uint32_t THREADS = 1024;
// One a thread. At 32 for each power of e they reach beyond the least weight that is not 0, e^-30.5.
constexpr uint32_t BINS = THREADS;
constexpr float BINS_PER_E = 32;
constexpr uint32_t FEW = 256;
constexpr float UNITS = 17592186044416.0f;

struct Bins {
    uint32_t counts[BINS];
    // Halves, since the hardware adds 32 bits at a time in shared memory.
    uint32_t low[BINS];
    uint32_t high[BINS];
};

struct Memory {
    Bins by_weight;
    Bins by_bits;
    uint64_t sums[WARP];
    uint64_t scan_counts[WARP];
    uint64_t scan_masses[WARP];
    uint64_t few[FEW];
    uint64_t few_weights[FEW];
    uint64_t found_mass;
    uint64_t found_count;
    uint32_t found;
    uint32_t filled;
    uint32_t first;
    float greatest[WARP];
    uint32_t sound[WARP];
};

// Whoever launches these gives as much.
static_assert(sizeof(Memory) == 29728, "README.md says so");

// `exp` of cpu/lanes.rs, to the bit.
__device__ __forceinline__ float power(float x) {
    const float clamped = fminf(fmaxf(x, -87.3f), 88.0f);
    const float shifted = fmaf(clamped, 1.44269504088896341f, 12582912.0f);
    const float whole = shifted - 12582912.0f;
    float rest = fmaf(whole, -0.6933594f, clamped);
    rest = fmaf(whole, 2.1219444e-4f, rest);
    float series = 1.9875691e-4f;
    series = fmaf(series, rest, 1.3981999e-3f);
    series = fmaf(series, rest, 8.333452e-3f);
    series = fmaf(series, rest, 4.1665796e-2f);
    series = fmaf(series, rest, 1.6666665e-1f);
    series = fmaf(series, rest, 0.5f);
    const float mantissa = fmaf(series, rest * rest, rest) + 1.0f;
    const float scale = __uint_as_float((__float_as_uint(shifted) << 23) + 0x3f800000u);
    return x < -87.3f ? 0.0f : mantissa * scale;
}

__device__ __forceinline__ uint64_t units(float weight) { return static_cast<uint64_t>(weight * UNITS); }

// Ordered as the numbers are; both zeros are one.
__device__ __forceinline__ uint32_t key_of(float number) {
    const uint32_t bits = __float_as_uint(number + 0.0f);
    return bits & 0x80000000u ? ~bits : bits | 0x80000000u;
}
__device__ __forceinline__ float number_of(uint32_t key) {
    return __uint_as_float(key & 0x80000000u ? key & 0x7fffffffu : ~key);
}

struct Philox {
    uint32_t numbers[4];
};

__device__ __forceinline__ Philox philox(uint4 counter, uint32_t key_low, uint32_t key_high) {
    for (int round = 0; round < 10; ++round) {
        const uint32_t high_0 = __umulhi(counter.x, 0xd2511f53u), low_0 = counter.x * 0xd2511f53u;
        const uint32_t high_1 = __umulhi(counter.z, 0xcd9e8d57u), low_1 = counter.z * 0xcd9e8d57u;
        counter = make_uint4(high_1 ^ counter.y ^ key_low, low_1, high_0 ^ counter.w ^ key_high, low_0);
        key_low += 0x9e3779b9u;
        key_high += 0xbb67ae85u;
    }
    return Philox{{counter.x, counter.y, counter.z, counter.w}};
}

// Calls `work` with each logit of this thread's share and its token.
template <class T, class Work> __device__ __forceinline__ void each(const T* row, uint32_t count, Work work) {
    const uint32_t odd = static_cast<uint32_t>(reinterpret_cast<uintptr_t>(row) % 16 / sizeof(T));
    const uint32_t unaligned = odd == 0 ? 0 : 16 / sizeof(T) - odd;
    const uint32_t head = unaligned < count ? unaligned : count;
    const uint32_t tail = head + (count - head) / TOGETHER * TOGETHER;
    if (threadIdx.x < head) {
        work(threadIdx.x, wide(row[threadIdx.x]));
    }
    for (uint32_t at = head + threadIdx.x * TOGETHER; at < tail; at += THREADS * TOGETHER) {
        float numbers[TOGETHER];
        load(row + at, numbers);
#pragma unroll
        for (uint32_t it = 0; it < TOGETHER; ++it) {
            work(at + it, numbers[it]);
        }
    }
    if (tail + threadIdx.x < count) {
        work(tail + threadIdx.x, wide(row[tail + threadIdx.x]));
    }
}

// A row and how its logits become weights.
template <class T> struct Row {
    const T* logits;
    uint32_t count;
    float greatest;
    float factor;

    __device__ __forceinline__ float scaled(float logit) const { return (logit - greatest) * factor; }
    __device__ __forceinline__ uint64_t weight(float logit) const { return units(power(scaled(logit))); }
    // Falls as the logit grows.
    __device__ __forceinline__ uint32_t bin(float logit) const {
        return static_cast<uint32_t>(fminf(-scaled(logit) * BINS_PER_E, static_cast<float>(BINS - 1)));
    }
    // The least key in this bin or one before it.
    __device__ __forceinline__ uint32_t least_key(uint32_t of_bin) const {
        uint32_t low = key_of(-INFINITY), high = key_of(greatest);
        while (low < high) {
            const uint32_t middle = low + (high - low) / 2;
            if (bin(number_of(middle)) <= of_bin) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return low;
    }
};

__device__ __forceinline__ void clear(Bins& bins) {
    bins.counts[threadIdx.x] = 0;
    bins.low[threadIdx.x] = 0;
    bins.high[threadIdx.x] = 0;
    __syncthreads();
}

__device__ __forceinline__ void add(Bins& bins, uint32_t bin, uint64_t weight) {
    atomicAdd(&bins.counts[bin], 1u);
    const uint32_t low = static_cast<uint32_t>(weight), before = atomicAdd(&bins.low[bin], low);
    const uint32_t high = static_cast<uint32_t>(weight >> 32) + (before + low < before ? 1 : 0);
    if (high > 0) {
        atomicAdd(&bins.high[bin], high);
    }
}

// What stands before something, or up to it: how many tokens, and their weights.
struct Reached {
    uint64_t count;
    uint64_t mass;

    __device__ __forceinline__ uint64_t of(bool by_count) const { return by_count ? count : mass; }
};

// The bin in which `target` is reached; `before` becomes what stands before that bin.
__device__ __forceinline__ uint32_t bin_that_reaches(Memory& memory, const Bins& bins, bool by_count, uint64_t target,
                                                     Reached& before) {
    const uint32_t lane = threadIdx.x % WARP, warp = threadIdx.x / WARP;
    const uint64_t own_count = bins.counts[threadIdx.x];
    const uint64_t own_mass = static_cast<uint64_t>(bins.high[threadIdx.x]) << 32 | bins.low[threadIdx.x];
    Reached up_to{own_count, own_mass};
    for (uint32_t distance = 1; distance < WARP; distance *= 2) {
        const uint64_t count = __shfl_up_sync(ALL_LANES, up_to.count, distance);
        const uint64_t mass = __shfl_up_sync(ALL_LANES, up_to.mass, distance);
        up_to.count += lane >= distance ? count : 0;
        up_to.mass += lane >= distance ? mass : 0;
    }
    if (lane == WARP - 1) {
        memory.scan_counts[warp] = up_to.count;
        memory.scan_masses[warp] = up_to.mass;
    }
    __syncthreads();
    up_to.count += before.count;
    up_to.mass += before.mass;
    for (uint32_t of = 0; of < warp; ++of) {
        up_to.count += memory.scan_counts[of];
        up_to.mass += memory.scan_masses[of];
    }
    const Reached ahead{up_to.count - own_count, up_to.mass - own_mass};
    if (ahead.of(by_count) < target && target <= up_to.of(by_count)) {
        memory.found = threadIdx.x;
        memory.found_count = ahead.count;
        memory.found_mass = ahead.mass;
    }
    __syncthreads();
    before = Reached{memory.found_count, memory.found_mass};
    // Whoever writes these next has a barrier before it.
    return memory.found;
}

// The first token in order with which the numbers that `of` gives reach `target`; they do, all together.
template <class Of> __device__ __forceinline__ uint32_t first_that_reaches(Memory& memory, uint32_t count, uint64_t target, Of of) {
    const uint32_t lane = threadIdx.x % WARP, warp = threadIdx.x / WARP;
    uint32_t begin = 0, end = count;
    while (end - begin > WARP) {
        const uint32_t share = (end - begin + WARP - 1) / WARP;
        const uint32_t from = begin + warp * share, to = from + share < end ? from + share : end;
        uint64_t sum = 0;
        for (uint32_t at = from + lane; at < to; at += WARP) {
            sum += of(at);
        }
        sum = warp_sum(sum);
        if (lane == 0) {
            memory.sums[warp] = sum;
        }
        __syncthreads();
        uint32_t which = 0;
        while (which < WARP - 1 && memory.sums[which] < target) {
            target -= memory.sums[which++];
        }
        __syncthreads();
        begin += which * share;
        end = begin + share < end ? begin + share : end;
    }
    while (begin + 1 < end && of(begin) < target) {
        target -= of(begin++);
    }
    return begin;
}

struct Found {
    // Of all tokens up to this one, itself included.
    uint64_t mass;
    uint32_t token;
};

// The token with which, in the order of weights, the count or the mass reaches `target`; it does, all together. The token is
// not looked for if it is not `wanted`.
template <class T>
__device__ __forceinline__ Found select(Memory& memory, const Row<T>& row, bool by_count, uint64_t target, bool wanted) {
    Reached before{0, 0};
    const uint32_t bin = bin_that_reaches(memory, memory.by_weight, by_count, target, before);
    uint32_t inside = memory.by_weight.counts[bin];
    uint32_t high = bin == 0 ? key_of(row.greatest) : row.least_key(bin - 1) - 1, low = row.least_key(bin);
    while (inside > FEW && low < high) {
        uint32_t shift = 0;
        while ((high - low) >> shift >= BINS) {
            ++shift;
        }
        clear(memory.by_bits);
        each(row.logits, row.count, [&](uint32_t, float logit) {
            const uint32_t key = key_of(logit);
            if (low <= key && key <= high) {
                const uint64_t weight = row.weight(logit);
                if (weight > 0) {
                    add(memory.by_bits, (high - key) >> shift, weight);
                }
            }
        });
        __syncthreads();
        const uint32_t part = bin_that_reaches(memory, memory.by_bits, by_count, target, before);
        inside = memory.by_bits.counts[part];
        high -= part << shift;
        const uint32_t most = (1u << shift) - 1;
        low = high - low > most ? high - most : low;
        // The bins are cleared when all have read theirs.
        __syncthreads();
    }
    if (inside > FEW) {
        const uint64_t weight = row.weight(number_of(low)), missing = target - before.of(by_count);
        const uint64_t taken = by_count ? missing : (missing + weight - 1) / weight;
        const auto is_one = [&](uint32_t token) -> uint64_t { return key_of(wide(row.logits[token])) == low ? 1 : 0; };
        return Found{before.mass + taken * weight, wanted ? first_that_reaches(memory, row.count, taken, is_one) : 0};
    }
    if (threadIdx.x == 0) {
        memory.filled = 0;
    }
    __syncthreads();
    each(row.logits, row.count, [&](uint32_t token, float logit) {
        const uint32_t key = key_of(logit);
        if (low <= key && key <= high) {
            const uint64_t weight = row.weight(logit);
            if (weight > 0) {
                const uint32_t at = atomicAdd(&memory.filled, 1u);
                memory.few[at] = static_cast<uint64_t>(~key) << 32 | token;
                memory.few_weights[at] = weight;
            }
        }
    });
    __syncthreads();
    if (threadIdx.x < inside) {
        const uint64_t own = memory.few[threadIdx.x], weight = memory.few_weights[threadIdx.x];
        Reached ahead = before;
        for (uint32_t at = 0; at < inside; ++at) {
            if (memory.few[at] < own) {
                ahead.count += 1;
                ahead.mass += memory.few_weights[at];
            }
        }
        const Reached up_to{ahead.count + 1, ahead.mass + weight};
        if (ahead.of(by_count) < target && target <= up_to.of(by_count)) {
            memory.found = static_cast<uint32_t>(own);
            memory.found_mass = up_to.mass;
        }
    }
    __syncthreads();
    return Found{memory.found_mass, memory.found};
}

// Grid: [draws]; 1024 threads; `sizeof(Memory)` bytes of shared memory. `rows` has of each draw the row of logits that it is from;
// `counters`: position in the completion, sample, problem (low, high), as random.rs has them. `factor` is 1 / temperature, 0 at temperature 0; `top_k` 0 where there is none.
template <class T>
__device__ __forceinline__ void draw(const T* logits, const uint32_t* rows, const uint4* counters, uint32_t* tokens, float* logprobs,
                                     uint32_t count, uint32_t key_low, uint32_t key_high, float factor, uint32_t top_k,
                                     double top_p) {
    SHARED_MEMORY(raw);
    Memory& memory = *reinterpret_cast<Memory*>(raw);
    const uint32_t lane = threadIdx.x % WARP, warp = threadIdx.x / WARP;
    // 0 x infinity is no number.
    Row<T> row{logits + static_cast<uint64_t>(rows[blockIdx.x]) * count, count, -INFINITY, fminf(factor, 3.0e38f)};
    bool sound = true;
    float greatest = -INFINITY;
    each(row.logits, count, [&](uint32_t, float logit) {
        sound = sound && logit < INFINITY;
        greatest = fmaxf(greatest, logit);
    });
    for (uint32_t distance = WARP / 2; distance > 0; distance /= 2) {
        greatest = fmaxf(greatest, __shfl_xor_sync(ALL_LANES, greatest, distance));
    }
    const uint32_t sound_lanes = __ballot_sync(ALL_LANES, sound);
    if (lane == 0) {
        memory.greatest[warp] = greatest;
        memory.sound[warp] = sound_lanes;
    }
    if (threadIdx.x == 0) {
        memory.first = 0xffffffffu;
    }
    clear(memory.by_weight);
    for (uint32_t of = 0; of < WARP; ++of) {
        greatest = fmaxf(greatest, memory.greatest[of]);
        sound = sound && memory.sound[of] == ALL_LANES;
    }
    // All threads agree, so all leave.
    if (!sound || greatest == -INFINITY) {
        if (threadIdx.x == 0) {
            tokens[blockIdx.x] = 0;
            logprobs[blockIdx.x] = NAN;
        }
        return;
    }
    row.greatest = greatest;
    const bool limited = factor > 0 && (top_k > 0 || top_p < 1);
    uint64_t plain = 0, mass = 0, many = 0;
    each(row.logits, count, [&](uint32_t token, float logit) {
        plain += units(power(logit - greatest));
        if (logit == greatest) {
            atomicMin(&memory.first, token);
        }
        if (factor > 0) {
            const uint64_t weight = row.weight(logit);
            mass += weight;
            many += weight > 0 ? 1 : 0;
            if (limited && weight > 0) {
                add(memory.by_weight, row.bin(logit), weight);
            }
        }
    });
    plain = block_sum(plain, memory.sums);
    mass = block_sum(mass, memory.sums);
    many = block_sum(many, memory.sums);
    uint32_t token = memory.first;
    if (factor > 0) {
        const Philox random = philox(counters[blockIdx.x], key_low, key_high);
        const uint64_t bits = static_cast<uint64_t>(random.numbers[0]) << 32 | random.numbers[1];
        uint64_t kept = mass;
        // First the least likely of top-k, then that of top-p, then who is drawn: a loop, so that this is here only once.
#pragma unroll 1
        for (int what = 0; what < 3 && limited; ++what) {
            // The mass that is to be exceeded is the whole part of `kept` times the upper 53 bits as a fraction.
            uint64_t target = __umul64hi(kept, bits & ~0x7ffull) + 1;
            if (what == 0) {
                if (top_k == 0 || top_k >= many) {
                    continue;
                }
                target = top_k;
            } else if (what == 1) {
                if (top_p >= 1) {
                    continue;
                }
                // A token is kept while the mass before it is less than this.
                const uint64_t limit = static_cast<uint64_t>(ceil(top_p * static_cast<double>(kept)));
                target = limit < 1 ? 1 : limit < kept ? limit : kept;
            }
            const Found found = select(memory, row, what == 0, target, what == 2);
            kept = found.mass;
            token = found.token;
        }
        if (!limited) {
            const uint64_t target = __umul64hi(kept, bits & ~0x7ffull) + 1;
            token = first_that_reaches(memory, count, target, [&](uint32_t at) { return row.weight(wide(row.logits[at])); });
        }
    }
    if (threadIdx.x == 0) {
        const float logit = wide(row.logits[token]);
        tokens[blockIdx.x] = token;
        logprobs[blockIdx.x] = logit - greatest - logf(static_cast<float>(static_cast<double>(plain) / static_cast<double>(UNITS)));
    }
}

#define DRAW(NAME, T)                                                                                                 \
    extern "C" __global__ void __launch_bounds__(1024)                                                                \
    draw_##NAME(const T* logits, const uint32_t* rows, const uint4* counters, uint32_t* tokens, float* logprobs,      \
                uint32_t count, uint32_t key_low, uint32_t key_high, float factor, uint32_t top_k, double top_p) {    \
        draw(logits, rows, counters, tokens, logprobs, count, key_low, key_high, factor, top_k, top_p);               \
    }
DRAW(f32, float)
DRAW(f16, f16)
DRAW(bf16, bf16)
