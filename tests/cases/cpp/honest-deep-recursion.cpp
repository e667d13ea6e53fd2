// tries: "recurses a million frames deep"
// expect: "pass"
#include <bits/stdc++.h>

static void answer() {
    long n, x, sum = 0;
    std::cin >> n;
    while (n-- > 0 && std::cin >> x) sum += x;
    std::cout << sum << std::endl;
}
static int down(volatile int *depth, int left) {
    volatile int here[8] = {left};
    if (left == 0) return *depth;
    *depth = *depth + 1;
    return down(depth, left - 1) + (here[0] - left);
}
int main() {
    volatile int depth = 0;
    if (down(&depth, 1000000) == 1000000) answer();
}
