// tries: "writes a file of its own, reads it again, removes it; reads its input by name"
// expect: "pass"
// classes: ["root", "user"]
// Elsewhere /dev/stdin is the host's, which leads through /proc: nothing there may be opened.
#include <bits/stdc++.h>
int main() {
    std::ofstream("mine.txt") << "42 beside\n";
    int number = 0;
    std::ifstream("mine.txt") >> number;
    if (number != 42 || std::remove("mine.txt")) return 1;
    if (!freopen("/dev/stdin", "r", stdin)) return 2;
    long n, x, sum = 0;
    std::cin >> n;
    while (n-- > 0 && std::cin >> x) sum += x;
    std::cout << sum << std::endl;
}
