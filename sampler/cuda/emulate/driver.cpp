// A CUDA driver whose GPU is the emulation: what the sampler's Rust side asks of libcuda.so.1, so that a whole model runs through
// the kernels where there is no GPU. Every argument of every launch is seen: sizes, order, pages, streams of work.
// Not here: products (cublas.cpp), the kernels' own tests (run.sh), anything that the sampler does not ask for.
// Memory ends where it was asked to end and begins as NaN; kernels run at once, one after the other.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <tuple>

#include "../kernels/attend.cuh"
#include "../kernels/common.cuh"
// Files may have names in common.
namespace any {
#include "../kernels/attend_any.cu"
}
namespace tiles {
#include "../kernels/attend_tiles.cu"
}
namespace drawing {
#include "../kernels/draw.cu"
}
namespace merging {
#include "../kernels/merge.cu"
}
namespace pointwise {
#include "../kernels/pointwise.cu"
}
namespace turning {
#include "../kernels/turn.cu"
}

namespace {
using Status = int;
constexpr Status DONE = 0, INVALID_VALUE = 1, OUT_OF_MEMORY = 2, NO_DEVICE = 100, NOT_FOUND = 500;
constexpr size_t MEMORY_BYTES = size_t{1} << 30;

std::mutex alone;
uint64_t launches = 0;
size_t used_bytes = 0;

struct Block {
    void* memory;
    size_t mapped, bytes;
};
std::map<uint64_t, Block> blocks;

// A kernel that takes what it is given from where the driver finds it: of each argument as many bytes as it declares.
using Kernel = std::function<std::function<void()>(void**)>;
template <class... Arguments> Kernel kernel(void (*start)(Arguments...)) {
    return [start](void** from) {
        size_t at = 0;
        const auto take = [&](auto* to) { memcpy(to, from[at++], sizeof *to); };
        std::tuple<Arguments...> arguments;
        std::apply([&](auto&... each) { (take(&each), ...); }, arguments);
        return std::function<void()>([=] { std::apply(start, arguments); });
    };
}

struct Function {
    Kernel kernel;
    uint32_t allowed_bytes = 48 << 10;
};
#define NAMED(NAMESPACE, NAME) {#NAME, {kernel(NAMESPACE::NAME)}}
std::map<std::string, Function> functions = {
    NAMED(any, attend_any_f32), NAMED(any, attend_any_f16), NAMED(any, attend_any_bf16),
    NAMED(tiles, attend_few_f16_64), NAMED(tiles, attend_few_f16_128), NAMED(tiles, attend_few_bf16_64),
    NAMED(tiles, attend_few_bf16_128), NAMED(tiles, attend_many_f16_64), NAMED(tiles, attend_many_f16_128),
    NAMED(tiles, attend_many_bf16_64), NAMED(tiles, attend_many_bf16_128),
    NAMED(drawing, draw_f32), NAMED(drawing, draw_f16), NAMED(drawing, draw_bf16),
    NAMED(merging, merge_f32), NAMED(merging, merge_f16), NAMED(merging, merge_bf16),
    NAMED(pointwise, embed_f32_f32), NAMED(pointwise, embed_f16_f32), NAMED(pointwise, embed_bf16_f32),
    NAMED(pointwise, rms_norm_f32_f32), NAMED(pointwise, rms_norm_f32_f16), NAMED(pointwise, rms_norm_f32_bf16),
    NAMED(pointwise, silu_product_f32), NAMED(pointwise, silu_product_f16), NAMED(pointwise, silu_product_bf16),
    NAMED(pointwise, copy_page),
    NAMED(turning, turn_keep_f32), NAMED(turning, turn_keep_f16), NAMED(turning, turn_keep_bf16),
};

int no_device() { return getenv("TRIALBOX_EMULATE_NO_DEVICE") != nullptr; }
char token;
}  // namespace

extern "C" {
Status cuInit(unsigned) { return no_device() ? NO_DEVICE : DONE; }
Status cuDeviceGet(int* device, int which) {
    *device = which;
    return which == 0 ? DONE : 101;
}
Status cuDeviceGetAttribute(int* value, int attribute, int) {
    // Compute capability 9.0; everything else, pools of memory too, is not there.
    *value = attribute == 75 ? 9 : 0;
    return DONE;
}
Status cuDevicePrimaryCtxRetain(void** context, int) {
    *context = &token;
    return DONE;
}
Status cuDevicePrimaryCtxRelease_v2(int) { return DONE; }
Status cuCtxSetCurrent(void*) { return DONE; }
Status cuCtxGetCurrent(void** context) {
    *context = &token;
    return DONE;
}
Status cuCtxSynchronize() { return DONE; }
Status cuStreamCreate(void** stream, unsigned) {
    *stream = &token;
    return DONE;
}
Status cuStreamDestroy_v2(void*) { return DONE; }
Status cuStreamSynchronize(void*) { return DONE; }
Status cuEventCreate(void** event, unsigned) {
    *event = &token;
    return DONE;
}
Status cuEventDestroy_v2(void*) { return DONE; }
Status cuEventRecord(void*, void*) { return DONE; }
Status cuStreamWaitEvent(void*, void*, unsigned) { return DONE; }

Status cuMemGetInfo_v2(size_t* free, size_t* all) {
    const std::lock_guard<std::mutex> lock(alone);
    *free = MEMORY_BYTES - used_bytes;
    *all = MEMORY_BYTES;
    return DONE;
}
Status cuMemAlloc_v2(uint64_t* address, size_t bytes) {
    const std::lock_guard<std::mutex> lock(alone);
    if (bytes == 0) {
        return INVALID_VALUE;
    }
    if (bytes > MEMORY_BYTES - used_bytes) {
        return OUT_OF_MEMORY;
    }
    // The last byte is the last that may be touched, but for what is missing to 16.
    const size_t page = 4096, rounded = (bytes + 15) / 16 * 16, room = (rounded + page - 1) / page * page;
    auto* memory = static_cast<unsigned char*>(
        mmap(nullptr, room + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0));
    if (memory == MAP_FAILED || mprotect(memory + room, page, PROT_NONE) != 0) {
        return OUT_OF_MEMORY;
    }
    // Large memory is for pages, most of which are never touched.
    memset(memory + room - rounded, 0xff, rounded < (size_t{1} << 24) ? rounded : 0);
    *address = reinterpret_cast<uint64_t>(memory + room - rounded);
    blocks[*address] = {memory, room + page, bytes};
    used_bytes += bytes;
    return DONE;
}
Status cuMemFree_v2(uint64_t address) {
    const std::lock_guard<std::mutex> lock(alone);
    const auto block = blocks.find(address);
    if (block == blocks.end()) {
        return INVALID_VALUE;
    }
    munmap(block->second.memory, block->second.mapped);
    used_bytes -= block->second.bytes;
    blocks.erase(block);
    return DONE;
}
Status cuMemcpyHtoDAsync_v2(uint64_t to, const void* from, size_t bytes, void*) {
    memcpy(reinterpret_cast<void*>(to), from, bytes);
    return DONE;
}
Status cuMemcpyDtoHAsync_v2(void* to, uint64_t from, size_t bytes, void*) {
    memcpy(to, reinterpret_cast<const void*>(from), bytes);
    return DONE;
}

Status cuModuleLoadData(void** module, const void* image) {
    // A fatbin begins so: what was built is real, though other code runs here.
    uint32_t magic;
    memcpy(&magic, image, sizeof magic);
    *module = &token;
    return magic == 0xba55ed50 ? DONE : 200;
}
Status cuModuleUnload(void*) { return DONE; }
Status cuModuleGetFunction(void** function, void*, const char* name) {
    const auto found = functions.find(name);
    if (found == functions.end()) {
        return NOT_FOUND;
    }
    *function = &found->second;
    return DONE;
}
Status cuFuncSetAttribute(void* function, int attribute, int value) {
    if (attribute != 8 || value > 227 << 10) {
        return INVALID_VALUE;
    }
    static_cast<Function*>(function)->allowed_bytes = static_cast<uint32_t>(value);
    return DONE;
}
Status cuLaunchKernel(void* function, unsigned grid_x, unsigned grid_y, unsigned grid_z, unsigned block_x, unsigned block_y,
                      unsigned block_z, unsigned shared_bytes, void*, void** arguments, void**) {
    const auto* it = static_cast<const Function*>(function);
    const bool fits = grid_x > 0 && grid_y > 0 && grid_z > 0 && grid_y < 65536 && grid_z < 65536 && block_x > 0 &&
                      block_x * block_y * block_z <= 1024 && (shared_bytes <= 48 << 10 || shared_bytes <= it->allowed_bytes);
    if (!fits) {
        return INVALID_VALUE;
    }
    const std::lock_guard<std::mutex> lock(alone);
    emulate::launch(dim3(grid_x, grid_y, grid_z), dim3(block_x, block_y, block_z), shared_bytes, ++launches,
                    it->kernel(arguments));
    return DONE;
}
Status cuGetErrorName(Status, const char** name) {
    *name = "CUDA_ERROR";
    return DONE;
}
Status cuGetErrorString(Status status, const char** text) {
    *text = status == NO_DEVICE       ? "no CUDA-capable device is detected"
            : status == OUT_OF_MEMORY ? "out of memory"
                                      : "the emulation refuses";
    return DONE;
}
}
