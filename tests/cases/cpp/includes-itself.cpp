// tries: "includes itself without end"
// expect: ["compile_error"]
#include __FILE__
int main() {}
