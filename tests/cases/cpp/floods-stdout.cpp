// tries: "prints without end"
// expect: ["output_limit", "time_limit"]
#include <cstdio>
#include <cstring>
int main() {
    static char block[1 << 20];
    memset(block, 120, sizeof block);
    for (;;) fwrite(block, 1, sizeof block, stdout);
}
