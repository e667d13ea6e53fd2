// What the tests have in common: chance, memory with an end, comparison, counting.
// Not here: the kernels' references (each test has its own).
#pragma once

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

namespace test {
inline std::mt19937_64 chance(1);
inline int passed = 0, failed = 0;
// A number from `low` to `high`, both included.
inline uint32_t some(uint32_t low, uint32_t high) { return low + static_cast<uint32_t>(chance() % (high - low + 1)); }
inline float normal(float scale = 1) { return scale * std::normal_distribution<float>()(chance); }

// Numbers on memory that may not be touched behind the last one, but for what is missing to 16 bytes.
template <class T> class Buffer {
public:
    explicit Buffer(size_t count) : count(count), bytes((count * sizeof(T) + 15) / 16 * 16) {
        const size_t page = 4096, room = (bytes + page - 1) / page * page + page;
        memory = static_cast<unsigned char*>(mmap(nullptr, room + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
        if (memory == MAP_FAILED || mprotect(memory + room, page, PROT_NONE) != 0) {
            abort();
        }
        mapped = room + page;
        at = reinterpret_cast<T*>(memory + room - bytes);
        // NaN as f32, f16, bf16; an index that is nobody's.
        memset(memory, 0xff, room);
    }
    ~Buffer() { munmap(memory, mapped); }
    Buffer(const Buffer&) = delete;
    Buffer& operator=(const Buffer&) = delete;
    T& operator[](size_t index) {
        if (index >= count) {
            abort();
        }
        return at[index];
    }
    T* data() { return at; }
    size_t size() const { return count; }
    // Whether nothing was written before the first number.
    bool intact() const {
        for (const unsigned char* byte = memory; byte < reinterpret_cast<unsigned char*>(at); ++byte) {
            if (*byte != 0xff) {
                return false;
            }
        }
        return true;
    }
    std::vector<T> copy() const { return std::vector<T>(at, at + count); }

private:
    size_t count, bytes, mapped;
    unsigned char* memory;
    T* at;
};

template <class T> const char* name_of();
template <> inline const char* name_of<float>() { return "f32"; }
template <> inline const char* name_of<f16>() { return "f16"; }
template <> inline const char* name_of<bf16>() { return "bf16"; }

// Half of the distance between a number and the next, in parts of it.
template <class T> double rounding();
template <> inline double rounding<float>() { return 0x1p-24; }
template <> inline double rounding<f16>() { return 0x1p-11; }
template <> inline double rounding<bf16>() { return 0x1p-8; }

// Whether a result is the expected number as it is stored, or off by `more`.
template <class T> bool close(T found, double expected, double more) {
    const double number = wide(found);
    return fabs(number - expected) <= fabs(expected) * rounding<T>() * 1.001 + more + (sizeof(T) == 2 ? 0x1p-25 : 0);
}

inline void fill(Buffer<float>& buffer, float scale) {
    for (size_t it = 0; it < buffer.size(); ++it) {
        buffer[it] = normal(scale);
    }
}
template <class T> void fill(Buffer<T>& buffer, float scale) {
    for (size_t it = 0; it < buffer.size(); ++it) {
        buffer[it] = narrow<T>(normal(scale));
    }
}

template <class T> bool same(const T& a, const T& b) { return memcmp(&a, &b, sizeof a) == 0; }

inline void report(bool good, const std::string& what) {
    (good ? passed : failed) += 1;
    if (!good && failed < 20) {
        printf("failed: %s\n", what.c_str());
    }
    // One failure is enough to know that a fault is noticed.
    if (!good && getenv("STOP_AT_FAILURE") != nullptr) {
        exit(1);
    }
}

// What main returns; the last line says how it went.
inline int finish() {
    printf("%d passed, %d failed\n", passed, failed);
    return failed == 0 ? 0 : 1;
}
}  // namespace test
