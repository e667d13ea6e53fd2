// tries: "leaves with status 0 before main"
// expect: ["wrong_answer"]
#include <unistd.h>
struct First { First() { _exit(0); } } first;
int main() {}
