// tries: "answers, and ends with a status"
// expect: ["runtime_error"]
#include <bits/stdc++.h>

static void answer() {
    long n, x, sum = 0;
    std::cin >> n;
    while (n-- > 0 && std::cin >> x) sum += x;
    std::cout << sum << std::endl;
}
int main() {
    answer();
    return 1;
}
