// Attention on tensor cores, in tasks and parts.
// Not here: its reference (attend.h).
#include "../kernels/attend_tiles.cu"
#include "attend.h"

namespace {
template <class T, uint32_t WIDTH, class Kernel, class Together> void on_tiles(Kernel few, Kernel many, Together together) {
    const uint32_t shapes[][2] = {{14, 2}, {7, 1}, {3, 3}, {8, 2}, {12, 1}, {40, 2}};
    for (const auto& shape : shapes) {
        const uint32_t queries = shape[0], keys = shape[1];
        // Scores far apart as well: weights of 0, maxima that grow late.
        Step<T> step(some_places(some(0, 1) ? 150 : 40, 70), queries, keys, WIDTH, some(0, 3) == 0 ? 8 : 1);
        const auto launcher = [&](Kernel kernel) {
            return [&, kernel](Step<T>& it, Buffer<Task>& tasks, Buffer<T>& out, Buffer<float>& parts, Buffer<float2>& marks) {
                emulate::launch(dim3(static_cast<uint32_t>(tasks.size()), keys), 128, 512 * WIDTH, ++seed, [&] {
                    kernel(it.rows.data(), it.pages.data(), tasks.data(), it.page_list.data(), it.positions.data(), out.data(),
                           parts.data(), marks.data(), queries, keys, static_cast<float>(1 / sqrt(WIDTH)));
                });
            };
        };
        const std::string what =
            std::string(name_of<T>()) + " " + std::to_string(queries) + "/" + std::to_string(keys) + "x" + std::to_string(WIDTH);
        const uint32_t pages = some(0, 1) ? 1000 : some(1, 6);
        const Plan made = plan(step.places, queries / keys, pages, pages, some(0, 2) == 0 ? 150 : 64);
        check(step, made, launcher(few), launcher(many), together, true, "tiles " + what);
        // Either of them can do all tasks.
        check(step, made, launcher(few), launcher(few), together, true, "few " + what);
        check(step, made, launcher(many), launcher(many), together, true, "many " + what);
    }
}
}  // namespace

int main(int count, char** arguments) {
    for (int round = count > 1 ? atoi(arguments[1]) : 1; round > 0; --round) {
        on_tiles<bf16, 128>(attend_few_bf16_128, attend_many_bf16_128, merge_bf16);
        on_tiles<bf16, 64>(attend_few_bf16_64, attend_many_bf16_64, merge_bf16);
        on_tiles<f16, 64>(attend_few_f16_64, attend_many_f16_64, merge_f16);
        on_tiles<f16, 128>(attend_few_f16_128, attend_many_f16_128, merge_f16);
    }
    return finish();
}
