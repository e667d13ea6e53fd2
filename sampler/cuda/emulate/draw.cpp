// Draws against the rule with a sort, in f64; Philox against its authors' numbers; nuclei against transformers'.
// Not here: whether draws are distributed as they should be: each is compared with the one that its number demands.
#include "../kernels/draw.cu"
#include "test.h"

using namespace test;

namespace {
uint64_t seed = 1;

struct Settings {
    double temperature, top_p;
    uint32_t top_k;
};

// As nucleus.rs has it: what may be drawn, in order, and weights.
struct Nucleus {
    std::vector<uint32_t> tokens;
    std::vector<double> weights;
    double mass = 0;
    // How near the last decision was, in parts of the mass.
    double margin = INFINITY;
};

float factor_of(const Settings& settings) {
    return settings.temperature == 0 ? 0 : static_cast<float>(std::min(1 / settings.temperature, 3e38));
}

Nucleus nucleus(const std::vector<float>& logits, const Settings& settings) {
    const auto count = static_cast<uint32_t>(logits.size());
    const float factor = factor_of(settings), greatest = *std::max_element(logits.begin(), logits.end());
    std::vector<uint32_t> order(count);
    for (uint32_t it = 0; it < count; ++it) {
        order[it] = it;
    }
    // Without limits tokens stand as they are.
    if (settings.top_p < 1 || settings.top_k > 0) {
        std::stable_sort(order.begin(), order.end(), [&](uint32_t a, uint32_t b) { return logits[a] > logits[b]; });
    }
    if (settings.top_k > 0 && settings.top_k < count) {
        order.resize(settings.top_k);
    }
    Nucleus all;
    for (const uint32_t token : order) {
        const double weight = power((logits[token] - greatest) * factor);
        // Less than a unit: nobody will ever draw it.
        if (weight * UNITS >= 1) {
            all.tokens.push_back(token);
            all.weights.push_back(weight);
            all.mass += weight;
        }
    }
    if (settings.top_p == 1) {
        return all;
    }
    Nucleus kept;
    double before = 0;
    for (size_t it = 0; it < all.tokens.size(); ++it) {
        const double off = before - settings.top_p * all.mass;
        kept.margin = std::min(kept.margin, off == 0 ? INFINITY : fabs(off) / all.mass);
        if (off >= 0) {
            break;
        }
        kept.tokens.push_back(all.tokens[it]);
        kept.weights.push_back(all.weights[it]);
        kept.mass += all.weights[it];
        before += all.weights[it];
    }
    return kept;
}

// random.rs, once more.
double uniform(uint32_t position, uint32_t sample, uint64_t problem, uint64_t key) {
    uint32_t counter[4] = {position, sample, static_cast<uint32_t>(problem), static_cast<uint32_t>(problem >> 32)};
    uint32_t keys[2] = {static_cast<uint32_t>(key), static_cast<uint32_t>(key >> 32)};
    for (int round = 0; round < 10; ++round) {
        const uint64_t a = static_cast<uint64_t>(counter[0]) * 0xd2511f53u, b = static_cast<uint64_t>(counter[2]) * 0xcd9e8d57u;
        const uint32_t next[4] = {static_cast<uint32_t>(b >> 32) ^ counter[1] ^ keys[0], static_cast<uint32_t>(b),
                                  static_cast<uint32_t>(a >> 32) ^ counter[3] ^ keys[1], static_cast<uint32_t>(a)};
        memcpy(counter, next, sizeof counter);
        keys[0] += 0x9e3779b9u;
        keys[1] += 0xbb67ae85u;
    }
    return static_cast<double>((static_cast<uint64_t>(counter[0]) << 32 | counter[1]) >> 11) * 0x1p-53;
}

// The place in the nucleus that a number demands; `near` where rounding may decide between it and a neighbour.
size_t place(const Nucleus& nucleus, double number, bool& near) {
    const double target = number * nucleus.mass, room = nucleus.mass * 3e-8;
    double reached = 0;
    near = false;
    for (size_t it = 0; it < nucleus.weights.size(); ++it) {
        reached += nucleus.weights[it];
        near = near || (fabs(reached - target) < room && it + 1 < nucleus.weights.size());
        if (reached > target) {
            return it;
        }
    }
    return nucleus.weights.size() - 1;
}

template <class T> using Kernel = void (*)(const T*, const uint32_t*, const uint4*, uint32_t*, float*, uint32_t, uint32_t, uint32_t, float, uint32_t, double);

// Rows of the same logits: some by chance, and one each whose number demands the first and the last of the nucleus.
template <class T>
void draws(Kernel<T> kernel, const std::vector<float>& wanted, const Settings& settings, const std::string& what, uint32_t rows = 3) {
    const auto count = static_cast<uint32_t>(wanted.size());
    std::vector<float> logits(count);
    for (uint32_t it = 0; it < count; ++it) {
        logits[it] = wide(narrow<T>(wanted[it]));
    }
    const uint64_t problem = chance(), key = chance();
    struct Asked {
        uint32_t position, sample;
    };
    std::vector<Asked> asked;
    for (uint32_t row = 0; row < rows; ++row) {
        asked.push_back({some(0, 20000), some(0, 200)});
    }
    Nucleus kept;
    if (settings.temperature > 0) {
        kept = nucleus(logits, settings);
        const double first = kept.weights.front() / kept.mass, last = 1 - kept.weights.back() / kept.mass;
        bool has_first = false, has_last = false;
        for (uint32_t position = 0; position < 300000 && !(has_first && has_last); ++position) {
            const double number = uniform(position, 7, problem, key);
            if (!has_first && number < first) {
                asked.push_back({position, 7});
                has_first = true;
            }
            if (!has_last && number > last) {
                asked.push_back({position, 7});
                has_last = true;
            }
        }
    }
    const auto total = static_cast<uint32_t>(asked.size());
    // Rows from which nothing is drawn have no numbers; from the others several may be.
    const uint32_t kinds = some(1, total);
    Buffer<T> all(static_cast<size_t>(2 * kinds) * count);
    Buffer<uint32_t> rows_of(total);
    Buffer<uint4> counters(total);
    Buffer<uint32_t> tokens(total);
    Buffer<float> logprobs(total);
    for (uint32_t row = 0; row < 2 * kinds; ++row) {
        for (uint32_t it = 0; it < count; ++it) {
            all[static_cast<size_t>(row) * count + it] = narrow<T>(row % 2 == 0 ? NAN : wanted[it]);
        }
    }
    for (uint32_t row = 0; row < total; ++row) {
        rows_of[row] = 2 * some(0, kinds - 1) + 1;
        counters[row] = make_uint4(asked[row].position, asked[row].sample, static_cast<uint32_t>(problem),
                                   static_cast<uint32_t>(problem >> 32));
    }
    // The kernel is given what the caller has: infinity, where the temperature is next to nothing.
    const float given = settings.temperature > 0 && settings.temperature < 1e-38 ? INFINITY : factor_of(settings);
    emulate::launch(total, THREADS, sizeof(Memory), ++seed, [&] {
        kernel(all.data(), rows_of.data(), counters.data(), tokens.data(), logprobs.data(), count, static_cast<uint32_t>(key),
               static_cast<uint32_t>(key >> 32), given, settings.top_k, settings.top_p);
    });
    const float greatest = *std::max_element(logits.begin(), logits.end());
    double sum = 0;
    for (const float logit : logits) {
        sum += exp(static_cast<double>(logit) - greatest);
    }
    for (uint32_t row = 0; row < total; ++row) {
        uint32_t expected;
        bool near = false;
        if (settings.temperature == 0) {
            expected = static_cast<uint32_t>(std::max_element(logits.begin(), logits.end()) - logits.begin());
        } else {
            const double number = uniform(asked[row].position, asked[row].sample, problem, key);
            expected = kept.tokens[place(kept, number, near)];
            near = near || kept.margin < 1e-8;
        }
        const double logprob = logits[expected] - greatest - log(sum);
        bool good = tokens[row] == expected && fabs(logprobs[row] - logprob) <= 1e-5 + 1e-6 * fabs(logprob);
        // Rounding may decide; then only that the token is one of the nucleus.
        if (!good && near) {
            good = std::find(kept.tokens.begin(), kept.tokens.end(), tokens[row]) != kept.tokens.end();
        }
        report(good, what + " " + name_of<T>() + " of " + std::to_string(count) + " T " + std::to_string(settings.temperature) + " p " +
                         std::to_string(settings.top_p) + " k " + std::to_string(settings.top_k) + ": " + std::to_string(tokens[row]) +
                         " (" + std::to_string(logprobs[row]) + "), not " + std::to_string(expected) + " (" +
                         std::to_string(logprob) + ") of " + std::to_string(kept.tokens.size()));
    }
}

std::vector<float> logits_like(uint32_t kind, uint32_t count) {
    std::vector<float> logits(count);
    for (float& logit : logits) {
        switch (kind) {
            case 0: logit = normal(3); break;                                          // As a model's.
            case 1: logit = static_cast<float>(some(0, 3)); break;                     // Few values: many equal.
            case 2: logit = 1.5f; break;                                               // One value.
            case 3: logit = 20 + normal(0.002f); break;                                // All in one bin.
            case 4: logit = some(0, 9) == 0 ? normal(2) : -INFINITY; break;            // Most impossible.
            case 5: logit = some(0, 1) ? 0.0f : -0.0f; break;                          // Two zeros.
            case 6: logit = normal(60); break;                                         // Most weights are 0.
            case 7: logit = wide(narrow<bf16>(normal(2) + 10)); break;                 // A coarse grid.
            default: {                                                                 // Where bins meet, and just beside.
                const float edge = -static_cast<float>(some(1, 60)) / BINS_PER_E;
                const uint32_t side = some(0, 2);
                logit = side == 0 ? edge : nextafterf(edge, side == 1 ? 0 : -INFINITY);
            }
        }
    }
    if (kind == 4) {
        logits[some(0, count - 1)] = 1;
    }
    if (kind == 8) {
        logits[some(0, count - 1)] = 0;
    }
    return logits;
}

void many(uint32_t rounds) {
    const Settings settings[] = {{1, 1, 0},    {0.6, 0.95, 0}, {1, 0.5, 0},     {0.7, 0.8, 20}, {1.5, 1, 50}, {0.8, 0.05, 0}, {1, 0.9, 700},
                                 {0, 0.95, 0}, {0.01, 0.9, 0}, {10, 0.999, 0},  {1, 1, 1},      {1, 1e-9, 0}, {1e-41, 0.9, 5}, {1, 0.25, 1 << 30}};
    for (uint32_t round = 0; round < rounds; ++round) {
        for (uint32_t kind = 0; kind < 9; ++kind) {
            for (const Settings& it : settings) {
                const uint32_t count = some(0, 5) == 0 ? some(1, 40) : some(1000, 5000);
                const std::vector<float> logits = logits_like(kind, count);
                const std::string what = "kind " + std::to_string(kind);
                switch (some(0, 2)) {
                    case 0: draws(draw_f32, logits, it, what); break;
                    case 1: draws(draw_f16, logits, it, what); break;
                    default: draws(draw_bf16, logits, it, what);
                }
            }
        }
    }
}

// The limits fall among many equal or nearly equal logits that stand behind others.
void among_equals() {
    for (const float apart : {0.0f, 1e-6f}) {
        std::vector<float> logits(3001);
        for (uint32_t it = 0; it < logits.size(); ++it) {
            const float level = static_cast<float>(it % 15 < 2 ? 3 : it % 15 < 7 ? 2 : 0);
            logits[it] = level + apart * static_cast<float>(some(0, 1000));
        }
        for (const Settings& it : {Settings{1, 1, 700}, Settings{1, 0.9, 700}, Settings{1, 0.75, 0}, Settings{0.5, 1, 1399}}) {
            draws(draw_f32, logits, it, "among equals");
        }
    }
}

void not_numbers() {
    for (const float bad : {NAN, INFINITY, -INFINITY}) {
        for (const uint32_t count : {1u, 1001u}) {
            // Minus infinity is one only where there is nothing else.
            for (const uint32_t at : {0u, count / 2, count - 1}) {
                const uint32_t rows = 3;
                Buffer<float> logits(rows * count), logprobs(rows);
                Buffer<uint4> counters(rows);
                Buffer<uint32_t> tokens(rows), rows_of(rows);
                fill(logits, 1);
                for (uint32_t it = 0; it < count; ++it) {
                    logits[count + it] = bad == -INFINITY || it == at ? bad : logits[count + it];
                }
                for (uint32_t row = 0; row < rows; ++row) {
                    counters[row] = make_uint4(1, 2, 3, 4);
                    rows_of[row] = row;
                }
                emulate::launch(rows, THREADS, sizeof(Memory), ++seed, [&] {
                    draw_f32(logits.data(), rows_of.data(), counters.data(), tokens.data(), logprobs.data(), count, 1, 2, 1, 0, 0.9);
                });
                report(tokens[1] == 0 && logprobs[1] != logprobs[1] && logprobs[0] == logprobs[0] && logprobs[2] == logprobs[2],
                       "a logit that is " + std::to_string(bad) + " at " + std::to_string(at));
            }
        }
    }
}

void known_answers() {
    const auto is = [](uint4 counter, uint32_t low, uint32_t high, std::vector<uint32_t> expected) {
        const Philox found = philox(counter, low, high);
        report(std::equal(expected.begin(), expected.end(), found.numbers), "philox");
    };
    is(make_uint4(0, 0, 0, 0), 0, 0, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
    is(make_uint4(~0u, ~0u, ~0u, ~0u), ~0u, ~0u, {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
    is(make_uint4(0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344), 0xa4093822, 0x299f31d0,
       {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
    bool good = true;
    for (int it = 0; it < 200000; ++it) {
        const float x = -90 * static_cast<float>(it) / 200000;
        const double exact = x < -87.3f ? 0 : exp(static_cast<double>(x));
        good = good && fabs(power(x) - exact) <= exact * 3e-7;
    }
    report(good && power(0) == 1 && power(-INFINITY) == 0, "powers");
}

// The vectors of references/nucleus.py.
std::vector<float> by_formula(const std::string& name) {
    struct Vector {
        const char* name;
        uint32_t count;
        uint64_t state;
        double slope, cube;
    };
    const Vector vectors[] = {{"small", 1000, 1, 2, 1}, {"flat", 1000, 2, 0.5, 0}, {"peaked", 1000, 3, 4, 4}, {"large", 151936, 4, 3, 1.5}};
    for (Vector vector : vectors) {
        if (name != vector.name) {
            continue;
        }
        const auto next = [&] {
            vector.state += 0x9e3779b97f4a7c15ull;
            uint64_t z = vector.state;
            z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
            z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
            return static_cast<double>((z ^ (z >> 31)) >> 11) * 0x1p-53;
        };
        std::vector<float> out(vector.count);
        for (float& logit : out) {
            const double a = next(), b = next(), c = next(), d = next(), t = a + b + c + d - 2;
            logit = static_cast<float>(vector.slope * t + vector.cube * (t * t * t));
        }
        return out;
    }
    return {};
}

// Each case of nucleus.json is a line; the nucleus must be that one, and then the draws from it.
void as_transformers(const char* path) {
    FILE* file = fopen(path, "r");
    std::string text;
    for (int byte; file != nullptr && (byte = fgetc(file)) != EOF;) {
        text += static_cast<char>(byte);
    }
    int cases = 0;
    for (size_t at = text.find("{\"vector\":"); at != std::string::npos; at = text.find("{\"vector\":", at + 1)) {
        const auto field = [&](const char* name) { return text.c_str() + text.find(name, at) + strlen(name); };
        const char* name = field("\"vector\": \"");
        const std::string vector(name, strchr(name, '"'));
        Settings settings{strtod(field("\"temperature\": "), nullptr), strtod(field("\"top_p\": "), nullptr), 0};
        settings.top_k = static_cast<uint32_t>(strtoul(field("\"top_k\": "), nullptr, 10));
        const size_t size = strtoul(field("\"size\": "), nullptr, 10);
        const std::vector<float> logits = by_formula(vector);
        const Nucleus kept = nucleus(logits, settings);
        bool good = kept.tokens.size() == size;
        char* number = const_cast<char*>(field("\"tokens\": ["));
        for (size_t it = 0; it < std::min<size_t>(size, 1000) && good; ++it) {
            good = kept.tokens[it] == strtoul(number, &number, 10);
            number += 2;
        }
        report(good, "the nucleus of " + vector + " has " + std::to_string(kept.tokens.size()) + " not " + std::to_string(size));
        draws(draw_f32, logits, settings, vector, 2);
        ++cases;
    }
    report(cases == 20, "nucleus.json has " + std::to_string(cases) + " cases");
}
}  // namespace

int main(int count, char** arguments) {
    known_answers();
    not_numbers();
    among_equals();
    many(count > 1 ? static_cast<uint32_t>(atoi(arguments[1])) : 1);
    if (count > 2) {
        as_transformers(arguments[2]);
    }
    return finish();
}
