// tries: "answers one too much"
// expect: ["wrong_answer"]
#include <bits/stdc++.h>
int main() {
    long n, x, sum = 1;
    std::cin >> n;
    while (n-- > 0 && std::cin >> x) sum += x;
    std::cout << sum << std::endl;
}
