// tries: "writes where nothing is"
// expect: ["runtime_error"]
#include <cstdlib>
#include <stdexcept>
int main() {
    *(volatile int *)8 = 1;
}
