// Products for the emulated GPU: what the sampler's Rust side asks of libcublas.so.13.
// Not here: any other way to lie in memory than the sampler's; speed.
#include <stdint.h>

#include "emulate.h"

namespace {
using Status = int;
constexpr Status DONE = 0, INVALID_VALUE = 7, NOT_SUPPORTED = 15;
constexpr int F32 = 0, F16 = 2, BF16 = 14;

float number(const void* from, int type, int64_t at) {
    switch (type) {
        case F32: return static_cast<const float*>(from)[at];
        case F16: return wide(static_cast<const f16*>(from)[at]);
        default: return wide(static_cast<const bf16*>(from)[at]);
    }
}
void put(void* to, int type, int64_t at, float number) {
    switch (type) {
        case F32: static_cast<float*>(to)[at] = number; break;
        case F16: static_cast<f16*>(to)[at] = narrow<f16>(number); break;
        default: static_cast<bf16*>(to)[at] = narrow<bf16>(number);
    }
}
bool known(int type) { return type == F32 || type == F16 || type == BF16; }
char token;
}  // namespace

extern "C" {
Status cublasCreate_v2(void** handle) {
    *handle = &token;
    return DONE;
}
Status cublasDestroy_v2(void*) { return DONE; }
Status cublasSetStream_v2(void*, void*) { return DONE; }

// By columns: `left` is [k, m], transposed; `right` [k, n]; `to` [m, n].
Status cublasGemmEx(void*, int transpose_left, int transpose_right, int m, int n, int k, const void* alpha, const void* left,
                    int left_type, int left_rows, const void* right, int right_type, int right_rows, const void* beta, void* to,
                    int to_type, int to_rows, int sums, int) {
    const bool plain = *static_cast<const float*>(alpha) == 1 && *static_cast<const float*>(beta) == 0;
    if (transpose_left != 1 || transpose_right != 0 || !plain || sums != 68) {
        return NOT_SUPPORTED;
    }
    if (left_rows < k || right_rows < k || to_rows < m || left_type != right_type || !known(left_type) || !known(to_type)) {
        return INVALID_VALUE;
    }
    for (int column = 0; column < n; ++column) {
        for (int row = 0; row < m; ++row) {
            double sum = 0;
            for (int it = 0; it < k; ++it) {
                sum += static_cast<double>(number(left, left_type, int64_t{row} * left_rows + it)) *
                       number(right, right_type, int64_t{column} * right_rows + it);
            }
            put(to, to_type, int64_t{column} * to_rows + row, static_cast<float>(sum));
        }
    }
    return DONE;
}
}
