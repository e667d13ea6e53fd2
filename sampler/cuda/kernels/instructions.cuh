// Instructions of the GPU that CUDA C++ has no words for: sm_80 and later.
// Not here: their meaning spelled out (../emulate/emulate.h has it, after the PTX manual, chapter 9.7).
#pragma once

// A row of eight 16-bit numbers for each lane: those of lanes 8i to 8i + 7 are matrix i. Lane l gets, of each matrix, the
// two numbers at row l / 4 from column 2 (l % 4) on.
__device__ __forceinline__ void load_matrices(uint32_t (&out)[4], const void* row) {
    const uint32_t address = static_cast<uint32_t>(__cvta_generic_to_shared(row));
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];"
                 : "=r"(out[0]), "=r"(out[1]), "=r"(out[2]), "=r"(out[3])
                 : "r"(address)
                 : "memory");
}

// The same with each matrix transposed.
__device__ __forceinline__ void load_matrices_transposed(uint32_t (&out)[4], const void* row) {
    const uint32_t address = static_cast<uint32_t>(__cvta_generic_to_shared(row));
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0, %1, %2, %3}, [%4];"
                 : "=r"(out[0]), "=r"(out[1]), "=r"(out[2]), "=r"(out[3])
                 : "r"(address)
                 : "memory");
}

// sums[16 x 8] += left[16 x 16] right[16 x 8], spread over the lanes as mma.m16n8k16 has it.
template <class T>
__device__ __forceinline__ void multiply_add(float (&sums)[4], const uint32_t (&left)[4], uint32_t right0, uint32_t right1);
template <>
__device__ __forceinline__ void multiply_add<f16>(float (&sums)[4], const uint32_t (&left)[4], uint32_t right0,
                                                  uint32_t right1) {
    asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, "
                 "{%0, %1, %2, %3};"
                 : "+f"(sums[0]), "+f"(sums[1]), "+f"(sums[2]), "+f"(sums[3])
                 : "r"(left[0]), "r"(left[1]), "r"(left[2]), "r"(left[3]), "r"(right0), "r"(right1));
}
template <>
__device__ __forceinline__ void multiply_add<bf16>(float (&sums)[4], const uint32_t (&left)[4], uint32_t right0,
                                                   uint32_t right1) {
    asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, "
                 "{%0, %1, %2, %3};"
                 : "+f"(sums[0]), "+f"(sums[1]), "+f"(sums[2]), "+f"(sums[3])
                 : "r"(left[0]), "r"(left[1]), "r"(left[2]), "r"(left[3]), "r"(right0), "r"(right1));
}

// Begins to copy 16 bytes; writes zeros, and reads nothing, where it is not `wanted`.
__device__ __forceinline__ void copy_begin(void* shared, const void* global, bool wanted) {
    const uint32_t address = static_cast<uint32_t>(__cvta_generic_to_shared(shared));
    asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(address), "l"(global), "r"(wanted ? 16 : 0) : "memory");
}

// What this thread began to copy since the last call is a batch.
__device__ __forceinline__ void copy_batch() { asm volatile("cp.async.commit_group;" ::: "memory"); }

// Waits until no more than so many of this thread's batches are under way.
template <int BATCHES> __device__ __forceinline__ void copy_wait() {
    asm volatile("cp.async.wait_group %0;" ::"n"(BATCHES) : "memory");
}
