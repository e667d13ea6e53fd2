// tries: "divides by zero"
// expect: ["runtime_error"]
#include <cstdlib>
#include <stdexcept>
int main() {
    volatile int zero = 0; return 100 / zero;
}
