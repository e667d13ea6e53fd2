// tries: "throws, catches, and grows a stack of its own limit"
// expect: "pass"
#include <bits/stdc++.h>

static void answer() {
    long n, x, sum = 0;
    std::cin >> n;
    while (n-- > 0 && std::cin >> x) sum += x;
    std::cout << sum << std::endl;
}
#include <sys/resource.h>
int main() {
    rlimit limit;
    getrlimit(RLIMIT_STACK, &limit);
    setrlimit(RLIMIT_STACK, &limit);
    try {
        std::map<int, int>().at(7);
    } catch (const std::out_of_range &) {
        try {
            std::vector<char> none(1L << 60);
        } catch (const std::bad_alloc &) {
            answer();
        }
    }
}
