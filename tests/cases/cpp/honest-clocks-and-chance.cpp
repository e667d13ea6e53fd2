// tries: "reads clocks, sleeps a little, asks for randomness and numbers of its own"
// expect: "pass"
#include <bits/stdc++.h>

static void answer() {
    long n, x, sum = 0;
    std::cin >> n;
    while (n-- > 0 && std::cin >> x) sum += x;
    std::cout << sum << std::endl;
}
#include <unistd.h>
int main() {
    auto begun = std::chrono::steady_clock::now();
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    std::mt19937 random(std::random_device{}() ^ getpid() ^ unsigned(time(nullptr)));
    std::vector<int> order = {1, 2, 3};
    std::shuffle(order.begin(), order.end(), random);
    if (std::chrono::steady_clock::now() - begun >= std::chrono::milliseconds(20) && clock() >= 0) answer();
}
