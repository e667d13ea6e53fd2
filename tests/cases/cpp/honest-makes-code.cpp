// tries: "makes a function at run time, as a compiler of its own would"
// expect: "pass"
#include <bits/stdc++.h>

static void answer() {
    long n, x, sum = 0;
    std::cin >> n;
    while (n-- > 0 && std::cin >> x) sum += x;
    std::cout << sum << std::endl;
}
#include <sys/mman.h>
int main() {
    // mov eax, edi; add eax, esi; ret
    unsigned char code[] = {0x89, 0xf8, 0x01, 0xf0, 0xc3};
    void *page = mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    memcpy(page, code, sizeof code);
    mprotect(page, 4096, PROT_READ | PROT_EXEC);
    if (reinterpret_cast<int (*)(int, int)>(page)(40, 2) == 42) answer();
}
