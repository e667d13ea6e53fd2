// tries: "fills its folder, and answers all the same"
// expect: "fail"
// time_s: 4
#include <bits/stdc++.h>

static void answer() {
    long n, x, sum = 0;
    std::cin >> n;
    while (n-- > 0 && std::cin >> x) sum += x;
    std::cout << sum << std::endl;
}
#include <fcntl.h>
#include <unistd.h>
int main() {
    static char block[1 << 20];
    memset(block, 1, sizeof block);
    for (int i = 0; i < 64; i++) {
        int file = open(std::to_string(i).c_str(), O_CREAT | O_WRONLY, 0600);
        while (file >= 0 && write(file, block, sizeof block) == sizeof block) {}
    }
    if (access("63", F_OK)) answer();
}
