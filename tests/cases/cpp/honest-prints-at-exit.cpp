// tries: "prints before main and after it, and in a destructor"
// expect: "pass"
#include <bits/stdc++.h>

static void answer() {
    long n, x, sum = 0;
    std::cin >> n;
    while (n-- > 0 && std::cin >> x) sum += x;
    std::cout << sum << std::endl;
}
struct Last { ~Last() { answer(); } } last;
__attribute__((constructor)) static void first() { std::fprintf(stderr, "before main\n"); }
int main() { std::atexit([] { std::fprintf(stderr, "after main\n"); }); }
