// tries: "includes files of the host"
// expect: ["compile_error"]
#include </etc/passwd>
#include "/etc/shadow"
#include "/proc/self/environ"
int main() {}
