// Rotations, head norms and pages against the same in f64.
// Not here: the other kernels (a file each).
#include "../kernels/turn.cu"
#include "test.h"

using namespace test;

namespace {
uint64_t seed = 1;

template <class T>
void turns(void (*kernel)(T*, const float*, const float*, const float*, const uint32_t*, const uint32_t*, T*, uint32_t, uint32_t,
                          uint32_t, float)) {
    const uint32_t shapes[][3] = {{14, 2, 64}, {7, 1, 128}, {4, 4, 24}, {3, 3, 256}, {6, 2, 80}, {2, 1, 8}};
    for (const auto& [queries, keys, width] : shapes) {
        // 1: a bias; 2: norms.
        for (uint32_t how = 0; how < 4; ++how) {
            const uint32_t tokens = some(1, 6), heads = queries + 2 * keys, positions = 40, page_count = 5;
            const float eps = 1e-6f;
            Buffer<T> rows(tokens * heads * width), pages(page_count * keys * 2 * PAGE * width);
            Buffer<float> bias(heads * width), tables(positions * width), norms(2 * width);
            Buffer<uint32_t> at(tokens), slots(tokens);
            fill(rows, 1);
            fill(bias, 1);
            fill(norms, 1);
            for (uint32_t it = 0; it < positions * width; ++it) {
                const uint32_t pair = it % width % (width / 2);
                const double angle = (it / width) * pow(10000.0, -2.0 * pair / width);
                tables[it] = static_cast<float>(it % width < width / 2 ? cos(angle) : sin(angle));
            }
            std::vector<uint32_t> all(page_count * PAGE);
            for (uint32_t it = 0; it < all.size(); ++it) {
                all[it] = it;
            }
            std::shuffle(all.begin(), all.end(), chance);
            for (uint32_t it = 0; it < tokens; ++it) {
                at[it] = some(0, positions - 1);
                slots[it] = all[it];
            }
            at[0] = positions - 1;
            slots[tokens - 1] = page_count * PAGE - 1;
            for (uint32_t it = 0; it + 1 < tokens; ++it) {
                slots[it] = slots[it] == page_count * PAGE - 1 ? all[tokens] : slots[it];
            }
            const std::vector<T> before = rows.copy(), kept_before = pages.copy();
            std::vector<bool> written(kept_before.size(), false);
            const uint32_t warps = some(1, 8);
            emulate::launch(dim3(tokens, (heads + warps - 1) / warps), warps * 32, 0, ++seed, [&] {
                kernel(rows.data(), how & 1 ? bias.data() : nullptr, tables.data(), how & 2 ? norms.data() : nullptr, at.data(),
                       slots.data(), pages.data(), queries, keys, width, eps);
            });
            bool good = rows.intact() && pages.intact();
            for (uint32_t token = 0; token < tokens; ++token) {
                for (uint32_t head = 0; head < heads; ++head) {
                    const size_t row = (token * heads + head) * width;
                    std::vector<double> numbers(width);
                    double squares = 0;
                    for (uint32_t it = 0; it < width; ++it) {
                        numbers[it] = wide(before[row + it]) + (how & 1 ? static_cast<double>(bias[head * width + it]) : 0);
                        squares += numbers[it] * numbers[it];
                    }
                    const bool value = head >= queries + keys;
                    if (!value && how & 2) {
                        for (uint32_t it = 0; it < width; ++it) {
                            numbers[it] *= norms[(head < queries ? 0 : width) + it] / sqrt(squares / width + eps);
                        }
                    }
                    std::vector<double> turned = numbers;
                    for (uint32_t it = 0; it < width / 2 && !value; ++it) {
                        const double cosine = tables[at[token] * width + it], sine = tables[at[token] * width + width / 2 + it];
                        turned[it] = numbers[it] * cosine - numbers[it + width / 2] * sine;
                        turned[it + width / 2] = numbers[it + width / 2] * cosine + numbers[it] * sine;
                    }
                    for (uint32_t it = 0; it < width; ++it) {
                        T found = rows[row + it];
                        if (head >= queries) {
                            good = good && same(found, before[row + it]);
                            const uint32_t page = slots[token] / PAGE, place = slots[token] % PAGE;
                            const size_t to = (((page * keys + (head - queries) % keys) * 2 + value) * PAGE + place) * width + it;
                            found = pages[to];
                            written[to] = true;
                        }
                        good = good && close(found, turned[it], 4e-6);
                    }
                }
            }
            for (size_t it = 0; it < written.size(); ++it) {
                good = good && (written[it] || same(pages[it], kept_before[it]));
            }
            report(good, std::string("turn ") + name_of<T>() + " " + std::to_string(queries) + "/" + std::to_string(keys) + "x" +
                             std::to_string(width) + " how " + std::to_string(how));
        }
    }
}
}  // namespace

int main() {
    for (int round = 0; round < 3; ++round) {
        turns(turn_keep_f32);
        turns(turn_keep_f16);
        turns(turn_keep_bf16);
    }
    return finish();
}
