// Attention without tensor cores, in tasks and parts.
// Not here: its reference (attend.h).
#include "../kernels/attend_any.cu"
#include "attend.h"

namespace {
template <class T, class Any, class Together> void any(Any kernel, Together together) {
    const uint32_t shapes[][3] = {{14, 2, 64}, {7, 1, 128}, {4, 4, 24}, {3, 3, 256}, {6, 2, 80}, {2, 1, 8}, {20, 1, 64}};
    for (const auto& shape : shapes) {
        const uint32_t queries = shape[0], keys = shape[1], width = shape[2];
        Step<T> step(some_places(50, 30), queries, keys, width, 1);
        const auto launch = [&](Step<T>& it, Buffer<Task>& tasks, Buffer<T>& out, Buffer<float>& parts, Buffer<float2>& marks) {
            const size_t bytes = 4 * (32 * (width + 4) + 16 * width);
            emulate::launch(dim3(static_cast<uint32_t>(tasks.size()), keys), 128, bytes, ++seed, [&] {
                kernel(it.rows.data(), it.pages.data(), tasks.data(), it.page_list.data(), it.positions.data(), out.data(),
                       parts.data(), marks.data(), queries, keys, width, static_cast<float>(1 / sqrt(width)));
            });
        };
        const uint32_t pages = some(0, 1) ? 1000 : some(1, 3);
        check(step, plan(step.places, queries / keys, pages, pages), launch, launch, together, false,
              std::string("any ") + name_of<T>() + " " + std::to_string(queries) + "/" + std::to_string(keys) + "x" +
                  std::to_string(width));
    }
}
}  // namespace

int main(int count, char** arguments) {
    for (int round = count > 1 ? atoi(arguments[1]) : 1; round > 0; --round) {
        any<float>(attend_any_f32, merge_f32);
        any<f16>(attend_any_f16, merge_f16);
        any<bf16>(attend_any_bf16, merge_bf16);
    }
    return finish();
}
