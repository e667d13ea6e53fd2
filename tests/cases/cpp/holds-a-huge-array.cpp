// tries: "has an array of a terabyte"
// expect: ["memory_limit", "runtime_error", "compile_error"]
// memory_mb: 128
#include <cstdio>
static char array[1L << 40];
int main() {
    for (long i = 0; i < 1L << 40; i += 4096) array[i] = 1;
    printf("%d", array[0]);
}
