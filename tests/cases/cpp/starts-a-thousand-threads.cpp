// tries: "starts threads without end"
// expect: ["runtime_error", "memory_limit", "time_limit"]
// time_s: 1
#include <bits/stdc++.h>
int main() {
    std::vector<std::thread> threads;
    for (int i = 0; i < 1000; i++) threads.emplace_back([] { std::this_thread::sleep_for(std::chrono::seconds(100)); });
    for (auto &thread : threads) thread.join();
}
