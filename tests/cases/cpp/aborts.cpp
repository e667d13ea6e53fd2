// tries: "aborts"
// expect: ["runtime_error"]
#include <cstdlib>
#include <stdexcept>
int main() {
    std::abort();
}
