// tries: "includes a device that never ends and is open to programs"
// expect: ["compile_error"]
#include "/dev/urandom"
int main() {}
