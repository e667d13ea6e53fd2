// tries: "fills 200 megabytes"
// expect: "pass"
// time_s: 4
#include <bits/stdc++.h>

static void answer() {
    long n, x, sum = 0;
    std::cin >> n;
    while (n-- > 0 && std::cin >> x) sum += x;
    std::cout << sum << std::endl;
}
int main() {
    std::vector<int> v(50 << 20);
    std::iota(v.begin(), v.end(), 0);
    if (std::accumulate(v.begin(), v.end(), 0LL) > 0) answer();
}
