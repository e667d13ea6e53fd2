// tries: "makes system calls of another architecture, which end the process"
// expect: ["runtime_error"]
#include <cstdio>
int main() {
    long result;
    asm volatile("int $0x80" : "=a"(result) : "a"(20L) : "memory");
    printf("%ld\n", result);
}
