// tries: "has the compiler make a gigabyte"
// expect: ["compile_error"]
// wall_s: 60
asm(".data\n.fill 1073741824, 1, 7\n.text");
int main() {}
