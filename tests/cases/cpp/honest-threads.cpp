// tries: "adds in eight threads, with a mutex, a condition and a future"
// expect: "pass"
#include <bits/stdc++.h>
int main() {
    int n;
    std::cin >> n;
    std::vector<long> v(n);
    for (auto &x : v) std::cin >> x;
    std::mutex mutex;
    std::condition_variable all;
    int done = 0;
    long sum = 0;
    std::vector<std::thread> threads;
    for (int t = 0; t < 8; t++)
        threads.emplace_back([&, t] {
            long part = 0;
            for (int i = t; i < n; i += 8) part += v[i];
            std::lock_guard<std::mutex> lock(mutex);
            sum += part;
            done++;
            all.notify_one();
        });
    std::unique_lock<std::mutex> lock(mutex);
    all.wait(lock, [&] { return done == 8; });
    lock.unlock();
    for (auto &thread : threads) thread.join();
    std::cout << std::async(std::launch::async, [&] { return sum; }).get() << "\n";
}
