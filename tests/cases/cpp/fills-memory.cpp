// tries: "allocates and touches without end"
// expect: ["memory_limit"]
// memory_mb: 128
#include <cstdlib>
#include <cstring>
int main() {
    for (;;) memset(malloc(1 << 20), 1, 1 << 20);
}
