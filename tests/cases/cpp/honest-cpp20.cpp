// tries: "uses what C++20 has"
// expect: "pass"
// language: "cpp20"
#include <bits/stdc++.h>
int main() {
    int n;
    std::cin >> n;
    std::vector<int> v(n);
    for (auto &x : v) std::cin >> x;
    auto even = v | std::views::filter([](int x) { return x % 2 == 0; });
    auto odd = v | std::views::filter([](int x) { return x % 2 != 0; });
    int sum = 0;
    for (int x : even) sum += x;
    for (int x : odd) sum += x;
    std::cout << sum << "\n";
}
