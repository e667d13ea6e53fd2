// tries: "allocates in many threads at once"
// expect: ["memory_limit", "runtime_error"]
// memory_mb: 128
#include <bits/stdc++.h>
int main() {
    std::vector<std::thread> threads;
    for (int i = 0; i < 16; i++) threads.emplace_back([] { for (;;) memset(malloc(1 << 20), 1, 1 << 20); });
    for (auto &thread : threads) thread.join();
}
