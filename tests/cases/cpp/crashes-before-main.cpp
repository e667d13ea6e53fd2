// tries: "crashes while its statics are made"
// expect: ["runtime_error"]
struct First { First() { *(volatile int *)8 = 1; } } first;
int main() {}
