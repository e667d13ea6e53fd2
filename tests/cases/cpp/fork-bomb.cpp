// tries: "forks without end"
// expect: "fail"
// time_s: 1
#include <unistd.h>
int main() {
    for (;;) fork();
}
