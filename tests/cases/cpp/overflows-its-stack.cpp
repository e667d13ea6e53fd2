// tries: "recurses without end"
// expect: ["runtime_error", "memory_limit"]
static int down(volatile int *x) {
    volatile int here[1000] = {*x};
    *x = *x + 1;
    return down(x) + here[0];
}
int main() {
    volatile int x = 0;
    return down(&x);
}
