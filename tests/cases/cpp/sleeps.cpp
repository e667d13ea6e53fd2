// tries: "sleeps without end"
// expect: ["time_limit"]
// time_s: 1
#include <unistd.h>
int main() {
    for (;;) sleep(1000);
}
