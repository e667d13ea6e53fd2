// tries: "includes a device that never ends"
// expect: ["compile_error"]
#include "/dev/zero"
int main() {}
