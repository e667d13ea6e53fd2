// tries: "has the assembler read files of the host, and prints them"
// expect: ["compile_error", "wrong_answer"]
#include <cstdio>
asm(".data\n.globl secret\nsecret: .incbin \"/etc/passwd\"\n.byte 0\n.text");
extern char secret[];
int main() { puts(secret); }
