// Embeddings, norms, gates and copies against the same in f64.
// Not here: the other kernels (a file each).
#include "../kernels/pointwise.cu"
#include "test.h"

using namespace test;

namespace {
const uint32_t widths[] = {8, 64, 100, 896, 1000, 3584};
uint64_t seed = 1;

template <class T, class X> void embeds(void (*kernel)(const T*, const uint32_t*, X*, uint32_t)) {
    for (const uint32_t width : widths) {
        const uint32_t vocabulary = 50, tokens = some(1, 9);
        Buffer<T> table(vocabulary * width);
        Buffer<uint32_t> which(tokens);
        Buffer<X> out(tokens * width);
        fill(table, 1);
        for (uint32_t it = 0; it < tokens; ++it) {
            which[it] = some(0, vocabulary - 1);
        }
        which[0] = vocabulary - 1;
        emulate::launch(tokens, 128, 0, ++seed, [&] { kernel(table.data(), which.data(), out.data(), width); });
        bool good = out.intact();
        for (uint32_t it = 0; it < tokens * width; ++it) {
            good = good && wide(out[it]) == wide(table[which[it / width] * width + it % width]);
        }
        report(good, std::string("embed ") + name_of<T>() + " " + name_of<X>() + " " + std::to_string(width));
    }
}

template <class X, class T>
void normalises(void (*kernel)(X*, const T*, const float*, const float*, T*, const uint32_t*, uint32_t, float)) {
    for (const uint32_t width : widths) {
        // 1: what is added; 2: a bias; 4: rows by name.
        for (uint32_t how = 0; how < 8; ++how) {
            if (how % 4 == 2) {
                continue;
            }
            const uint32_t all = some(2, 6), rows = how & 4 ? all / 2 : all;
            const float eps = 1e-6f;
            Buffer<X> x(all * width);
            Buffer<T> what(all * width), out(rows * width);
            Buffer<float> bias(width), weight(width);
            Buffer<uint32_t> which(rows);
            fill(x, 2);
            fill(what, 1);
            fill(bias, 0.5);
            fill(weight, 1);
            for (uint32_t it = 0; it < rows; ++it) {
                which[it] = how & 4 ? all - 1 - it : it;
            }
            const std::vector<X> before = x.copy();
            emulate::launch(rows, width < 1000 ? 64 : 256, 0, ++seed, [&] {
                kernel(x.data(), how & 1 ? what.data() : nullptr, how & 2 ? bias.data() : nullptr, weight.data(), out.data(),
                       how & 4 ? which.data() : nullptr, width, eps);
            });
            bool good = out.intact() && x.intact();
            std::vector<bool> named(all, false);
            for (uint32_t row = 0; row < rows; ++row) {
                named[which[row]] = true;
                double squares = 0;
                std::vector<double> sums(width);
                for (uint32_t it = 0; it < width; ++it) {
                    const size_t at = which[row] * width + it;
                    float number = wide(before[at]);
                    if (how & 1) {
                        number += wide(what[at]) + (how & 2 ? bias[it] : 0.0f);
                    }
                    const X stored = narrow<X>(number);
                    good = good && same(stored, x[at]);
                    sums[it] = wide(stored);
                    squares += sums[it] * sums[it];
                }
                const double scale = 1 / sqrt(squares / width + eps);
                for (uint32_t it = 0; it < width; ++it) {
                    const double expected = sums[it] * scale * weight[it];
                    good = good && close(out[row * width + it], expected, fabs(expected) * 1e-6);
                }
            }
            for (size_t it = 0; it < before.size(); ++it) {
                good = good && (named[it / width] || same(before[it], x[it]));
            }
            report(good, std::string("norm ") + name_of<X>() + " " + name_of<T>() + " " + std::to_string(width) + " how " +
                             std::to_string(how));
        }
    }
}

template <class T> void gates(void (*kernel)(const T*, const float*, T*, uint32_t)) {
    for (const uint32_t width : widths) {
        for (const bool biased : {false, true}) {
            const uint32_t rows = some(1, 5);
            Buffer<T> both(rows * 2 * width), out(rows * width);
            Buffer<float> bias(2 * width);
            fill(both, 3);
            fill(bias, 1);
            both[0] = narrow<T>(-100);
            both[width > 1 ? 1 : 0] = narrow<T>(100);
            emulate::launch(dim3(rows, (width + 8 * 64 - 1) / (8 * 64)), 64, 0, ++seed,
                            [&] { kernel(both.data(), biased ? bias.data() : nullptr, out.data(), width); });
            bool good = out.intact();
            for (uint32_t it = 0; it < rows * width; ++it) {
                const uint32_t row = it / width, column = it % width;
                const double gate = wide(both[row * 2 * width + column]) + (biased ? bias[column] : 0.0f);
                const double up = wide(both[(row * 2 + 1) * width + column]) + (biased ? bias[width + column] : 0.0f);
                const double expected = gate / (1 + exp(-gate)) * up;
                good = good && close(out[it], expected, (fabs(expected) + (biased ? 0.3 : 0)) * 2e-6 + 1e-37);
            }
            report(good, std::string("gates ") + name_of<T>() + " " + std::to_string(width) + (biased ? " biased" : ""));
        }
    }
}

void copies() {
    for (const uint32_t units : {32u, 256u, 500u}) {
        const uint32_t pages = 7, layers = 3;
        // A gap between layers.
        const uint64_t apart = pages * units + 11;
        Buffer<uint4> memory(layers * apart);
        for (size_t it = 0; it < memory.size(); ++it) {
            memory[it] = make_uint4(some(0, 1u << 30), 1, 2, 3);
        }
        const std::vector<uint4> before = memory.copy();
        Buffer<uint2> pairs(2);
        pairs[0] = make_uint2(6, 1);
        pairs[1] = make_uint2(6, 5);
        emulate::launch(dim3((units + 127) / 128, 2, layers), 128, 0, ++seed,
                        [&] { copy_page(memory.data(), pairs.data(), units, apart); });
        bool good = memory.intact();
        for (size_t it = 0; it < memory.size(); ++it) {
            const size_t page = it % apart / units, layer = it / apart;
            const size_t from = page == 1 || page == 5 ? layer * apart + 6 * units + it % apart % units : it;
            good = good && same(memory[it], before[from]);
        }
        report(good, "copies of " + std::to_string(units));
    }
}

template <class T> void narrows() {
    bool good = true;
    for (uint32_t bits = 0; bits < 65536; ++bits) {
        const T number{static_cast<uint16_t>(bits)};
        const float as = wide(number);
        good = good && (as != as ? wide(narrow<T>(as)) != as : narrow<T>(as).bits == bits);
        // Between two neighbours the nearer one is taken, and the even one in the middle.
        const T next{static_cast<uint16_t>(bits + 1)};
        const float above = wide(next);
        if (as == as && fabsf(above) < INFINITY && as - as == 0 && (bits & 0x7fff) != 0x7fff) {
            const double middle = (static_cast<double>(as) + above) / 2;
            const auto even = static_cast<uint16_t>(bits % 2 == 0 ? bits : bits + 1);
            good = good && narrow<T>(static_cast<float>(middle)).bits == even;
            good = good && narrow<T>(nextafterf(static_cast<float>(middle), as)).bits == bits;
            good = good && narrow<T>(nextafterf(static_cast<float>(middle), above)).bits == bits + 1;
        }
    }
    report(good, std::string("narrowing to ") + name_of<T>());
}
}  // namespace

int main() {
    narrows<f16>();
    narrows<bf16>();
    embeds(embed_f32_f32);
    embeds(embed_f16_f16);
    embeds(embed_f16_f32);
    embeds(embed_bf16_bf16);
    embeds(embed_bf16_f32);
    normalises(rms_norm_f32_f32);
    normalises(rms_norm_f16_f16);
    normalises(rms_norm_f32_f16);
    normalises(rms_norm_bf16_bf16);
    normalises(rms_norm_f32_bf16);
    gates(silu_product_f32);
    gates(silu_product_f16);
    gates(silu_product_bf16);
    copies();
    return finish();
}
