// tries: "has no function main"
// expect: ["compile_error"]
int add(int a, int b) { return a + b; }
