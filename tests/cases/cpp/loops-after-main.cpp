// tries: "has answered, and computes without end in a destructor"
// expect: ["time_limit"]
// time_s: 1
#include <bits/stdc++.h>

static void answer() {
    long n, x, sum = 0;
    std::cin >> n;
    while (n-- > 0 && std::cin >> x) sum += x;
    std::cout << sum << std::endl;
}
struct Last { ~Last() { for (volatile long i = 0;; i = i + 1) {} } } last;
int main() { answer(); }
