// tries: "computes without end"
// expect: ["time_limit"]
// time_s: 1
int main() {
    for (volatile long i = 0;; i = i + 1) {}
}
