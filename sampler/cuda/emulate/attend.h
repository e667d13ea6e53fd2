// What the tests of attention have in common: places by chance, a softmax in f64 over the pages of each token, comparison.
// Not here: which kernels (attend_any.cpp, attend_tiles.cpp).
// Whatever is not written is NaN: places on pages, pages that nobody has, keys and values in rows.
#pragma once
#include "../kernels/merge.cu"
#include "plan.h"
#include "test.h"

using namespace test;

namespace {
uint64_t seed = 1;

// Some prompts with samples behind them, some single sequences, some prompts that are being read.
Places some_places(uint32_t longest, uint32_t prompt_tokens) {
    Places places;
    std::vector<uint32_t> free(4096);
    for (uint32_t it = 0; it < free.size(); ++it) {
        free[it] = it;
    }
    std::shuffle(free.begin(), free.begin() + 200, chance);
    uint32_t taken = 0;
    const auto add = [&](uint32_t from, uint32_t count, const std::vector<uint32_t>& pages) {
        const auto token = static_cast<uint32_t>(places.positions.size());
        for (uint32_t at = from; at < from + count; ++at) {
            places.positions.push_back(at);
            places.slots.push_back(pages[at / PAGE] * PAGE + at % PAGE);
        }
        const auto list = static_cast<uint32_t>(places.pages.size()), used = (from + count + PAGE - 1) / PAGE;
        places.pages.insert(places.pages.end(), pages.begin(), pages.begin() + used);
        places.spans.push_back({token, count, list, used});
    };
    const auto take = [&](uint32_t positions) {
        std::vector<uint32_t> pages;
        for (uint32_t it = 0; it < (positions + PAGE - 1) / PAGE; ++it) {
            pages.push_back(free[taken++]);
        }
        return pages;
    };
    const uint32_t groups = some(1, 3);
    for (uint32_t group = 0; group < groups; ++group) {
        const uint32_t first = static_cast<uint32_t>(places.spans.size());
        switch (some(0, 2)) {
            case 0: {
                const uint32_t shared = some(1, std::max(longest / PAGE, 1u)), samples = some(2, 12);
                const std::vector<uint32_t> prompt = take(shared * PAGE);
                for (uint32_t sample = 0; sample < samples; ++sample) {
                    const uint32_t own = some(0, 3) == 0 ? some(0, 1) * (PAGE - 1) : some(0, longest / 2);
                    std::vector<uint32_t> pages = prompt;
                    const std::vector<uint32_t> more = take(own + 1);
                    pages.insert(pages.end(), more.begin(), more.end());
                    add(shared * PAGE + own, 1, pages);
                }
                places.groups.push_back({first, samples, shared});
                break;
            }
            case 1: {
                const uint32_t at = some(0, longest - 1);
                add(at, 1, take(at + 1));
                places.groups.push_back({first, 1, some(0, at / PAGE)});
                break;
            }
            default: {
                const uint32_t from = some(0, 1) * some(0, longest), count = some(2, prompt_tokens);
                add(from, count, take(from + count));
                places.groups.push_back({first, 1, 0});
            }
        }
    }
    return places;
}

template <class T> struct Step {
    Places places;
    uint32_t queries, keys, width;
    Buffer<T> rows, pages;
    std::vector<double> expected, magnitude;
    Buffer<uint32_t> page_list, positions;

    static uint32_t most(const std::vector<uint32_t>& of) { return *std::max_element(of.begin(), of.end()); }
    size_t at(uint32_t slot, uint32_t key, uint32_t value) const {
        return (((static_cast<size_t>(slot / PAGE) * keys + key) * 2 + value) * PAGE + slot % PAGE) * width;
    }

    // A span's slot of a position.
    uint32_t slot(const Span& span, uint32_t position) const {
        return places.pages[span.first_page + position / PAGE] * PAGE + position % PAGE;
    }

    Step(Places which, uint32_t queries, uint32_t keys, uint32_t width, float sharpness)
        : places(std::move(which)), queries(queries), keys(keys), width(width),
          rows(places.positions.size() * (queries + 2 * keys) * width), pages((most(places.pages) + 1) * 2 * keys * PAGE * width),
          page_list(places.pages.size()), positions(places.positions.size()) {
        // Only what is written is a number; all else stays NaN, keys and values of the rows too.
        const uint32_t row = (queries + 2 * keys) * width;
        for (size_t token = 0; token < places.positions.size(); ++token) {
            for (uint32_t it = 0; it < queries * width; ++it) {
                rows[token * row + it] = narrow<T>(normal(sharpness));
            }
            positions[token] = places.positions[token];
        }
        std::copy(places.pages.begin(), places.pages.end(), page_list.data());
        for (const Span& span : places.spans) {
            const uint32_t last = places.positions[span.first_token + span.tokens - 1];
            for (uint32_t position = 0; position <= last; ++position) {
                for (uint32_t key = 0; key < keys; ++key) {
                    for (uint32_t it = 0; it < 2 * width; ++it) {
                        T& number = pages[at(slot(span, position), key, it / width) + it % width];
                        number = wide(number) == wide(number) ? number : narrow<T>(normal());
                    }
                }
            }
        }
        expected.resize(places.positions.size() * queries * width);
        magnitude.resize(expected.size());
        for (const Span& span : places.spans) {
            for (uint32_t token = span.first_token; token < span.first_token + span.tokens; ++token) {
                for (uint32_t head = 0; head < queries; ++head) {
                    look(span, token, head);
                }
            }
        }
    }

    void look(const Span& span, uint32_t token, uint32_t head) {
        const uint32_t key = head / (queries / keys), count = places.positions[token] + 1;
        const T* query = rows.data() + (token * (queries + 2 * keys) + head) * width;
        std::vector<double> scores(count);
        double most = -INFINITY, sum = 0;
        for (uint32_t position = 0; position < count; ++position) {
            const T* numbers = pages.data() + at(slot(span, position), key, 0);
            for (uint32_t it = 0; it < width; ++it) {
                scores[position] += static_cast<double>(wide(query[it])) * wide(numbers[it]);
            }
            scores[position] /= sqrt(width);
            most = std::max(most, scores[position]);
        }
        for (double& score : scores) {
            score = exp(score - most);
            sum += score;
        }
        const size_t out = (static_cast<size_t>(token) * queries + head) * width;
        for (uint32_t position = 0; position < count; ++position) {
            const T* numbers = pages.data() + at(slot(span, position), key, 1);
            for (uint32_t it = 0; it < width; ++it) {
                expected[out + it] += scores[position] / sum * wide(numbers[it]);
                magnitude[out + it] += scores[position] / sum * fabs(wide(numbers[it]));
            }
        }
    }
};

template <class N> void put(Buffer<N>& buffer, const std::vector<N>& numbers) {
    std::copy(numbers.begin(), numbers.end(), buffer.data());
}

// Runs a plan with these kernels; `weights_are_narrow` where weights are rounded before they meet the values.
template <class T, class Few, class Many, class Together>
void check(Step<T>& step, const Plan& plan, Few few, Many many, Together together, bool weights_are_narrow, const std::string& what) {
    const uint32_t queries = step.queries, width = step.width;
    Buffer<T> out(step.expected.size());
    Buffer<float> parts(plan.parts * queries * width);
    Buffer<float2> marks(plan.parts * queries);
    Buffer<Merge> merges(plan.merges.size());
    Buffer<uint32_t> merged(plan.merged.size());
    put(merges, plan.merges);
    put(merged, plan.merged);
    for (const bool is_few : {true, false}) {
        const std::vector<Task>& of = is_few ? plan.few : plan.many;
        if (of.empty()) {
            continue;
        }
        Buffer<Task> tasks(of.size());
        put(tasks, of);
        if (is_few) {
            few(step, tasks, out, parts, marks);
        } else {
            many(step, tasks, out, parts, marks);
        }
    }
    if (!plan.merges.empty()) {
        emulate::launch(dim3(static_cast<uint32_t>(plan.merges.size()), queries), 64, 0, ++seed, [&] {
            together(parts.data(), marks.data(), merges.data(), merged.data(), out.data(), queries, width);
        });
    }
    bool good = out.intact() && parts.intact() && marks.intact();
    double worst = 0;
    for (size_t it = 0; it < step.expected.size(); ++it) {
        const double slack = step.magnitude[it] * (weights_are_narrow ? rounding<T>() : 0) + (step.magnitude[it] + 1e-3) * 4e-6;
        good = good && close(out[it], step.expected[it], slack);
        const double off = fabs(wide(out[it]) - step.expected[it]) / (slack + fabs(step.expected[it]) * rounding<T>());
        worst = off != off ? INFINITY : std::max(worst, off);
    }
    report(good, what + ": " + std::to_string(plan.few.size()) + " few " + std::to_string(plan.many.size()) + " many " +
                     std::to_string(plan.merges.size()) + " merges, off by " + std::to_string(worst) + " of what may be");
}
}  // namespace
