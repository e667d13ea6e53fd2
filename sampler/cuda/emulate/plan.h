// Which tasks attention has in a step: what the host does once a step, for all layers. To be written in Rust just so.
// Not here: what a task does (../kernels/attend.cuh).
// In: places, as places.rs has them. Out: tasks for `few` and for `many`, and what is to be merged.
#pragma once

#include <stdint.h>

#include <algorithm>
#include <vector>

struct Span {
    uint32_t first_token, tokens, first_page, pages;
};
struct Group {
    uint32_t first_span, spans, shared_pages;
};
struct Places {
    std::vector<uint32_t> positions, slots, pages;
    std::vector<Span> spans;
    std::vector<Group> groups;
};

struct Plan {
    std::vector<Task> few, many;
    std::vector<Merge> merges;
    // For `merges`: which parts are a token's.
    std::vector<uint32_t> merged;
    // How many there are.
    uint32_t parts = 0;
};

// `group` heads of queries look at one head of keys. `few_pages` and `many_pages` are how many one task looks at at most:
// fewer give more blocks, more give fewer parts to merge. `many` takes 64 queries at a time, so tasks have that many.
inline Plan plan(const Places& places, uint32_t group, uint32_t few_pages, uint32_t many_pages, uint32_t many_queries = 64) {
    struct Piece {
        bool few;
        Task task;
    };
    std::vector<Piece> pieces;
    const auto cut = [&](bool few, uint32_t token, uint32_t tokens, uint32_t list, uint32_t from_page, uint32_t to) {
        const uint32_t most = few ? few_pages : many_pages, pages = (to + PAGE - 1) / PAGE - from_page;
        const uint32_t count = std::max((pages + most - 1) / most, 1u), share = (pages + count - 1) / count;
        for (uint32_t page = from_page; page < from_page + pages; page += share) {
            pieces.push_back({few, Task{token, tokens, list + page, page * PAGE, std::min((page + share) * PAGE, to), WHOLE, {0, 0}}});
        }
    };
    const uint32_t together = std::max(many_queries / group, 1u);
    for (const Group& it : places.groups) {
        const Span& first = places.spans[it.first_span];
        const bool shares = it.spans > 1 && it.shared_pages > 0;
        if (shares) {
            for (uint32_t at = 0; at < it.spans; at += together) {
                cut(false, first.first_token + at, std::min(together, it.spans - at), first.first_page, 0, it.shared_pages * PAGE);
            }
        }
        for (uint32_t at = it.first_span; at < it.first_span + it.spans; ++at) {
            const Span& span = places.spans[at];
            for (uint32_t token = 0; token < span.tokens; token += together) {
                const uint32_t tokens = std::min(together, span.tokens - token);
                const uint32_t last = places.positions[span.first_token + token + tokens - 1];
                cut(tokens * group <= 16, span.first_token + token, tokens, span.first_page, shares ? it.shared_pages : 0, last + 1);
            }
        }
    }
    Plan out;
    // Of each token how many tasks it is in. The tokens of a task are cut alike, so one of them answers for all.
    std::vector<uint32_t> tasks(places.positions.size());
    for (const Piece& piece : pieces) {
        for (uint32_t it = 0; it < piece.task.tokens; ++it) {
            ++tasks[piece.task.token + it];
        }
    }
    std::vector<std::vector<uint32_t>> parts(places.positions.size());
    for (Piece& piece : pieces) {
        if (tasks[piece.task.token] > 1) {
            piece.task.part = out.parts;
            for (uint32_t it = 0; it < piece.task.tokens; ++it) {
                parts[piece.task.token + it].push_back(out.parts++);
            }
        }
        (piece.few ? out.few : out.many).push_back(piece.task);
    }
    for (uint32_t token = 0; token < parts.size(); ++token) {
        if (!parts[token].empty()) {
            const auto from = static_cast<uint32_t>(out.merged.size());
            out.merged.insert(out.merged.end(), parts[token].begin(), parts[token].end());
            out.merges.push_back(Merge{token, from, static_cast<uint32_t>(out.merged.size()), 0});
        }
    }
    return out;
}
