// tries: "computes without end before main"
// expect: ["time_limit"]
// time_s: 1
struct First { First() { for (volatile long i = 0;; i = i + 1) {} } } first;
int main() {}
