// tries: "answers, and crashes in a destructor"
// expect: ["runtime_error"]
#include <bits/stdc++.h>

static void answer() {
    long n, x, sum = 0;
    std::cin >> n;
    while (n-- > 0 && std::cin >> x) sum += x;
    std::cout << sum << std::endl;
}
struct Last { ~Last() { *(volatile int *)8 = 1; } } last;
int main() { answer(); }
