// tries: "computes without end while it is compiled"
// expect: ["compile_error"]
// wall_s: 60
constexpr long f(long n) {
    long s = 0;
    for (long i = 0; i < n; i++) s += i % 7;
    return s;
}
int main() {
    constexpr long a = f(250000), b = f(250001), c = f(250002);
    static_assert(f(260000) == 1, "");
    return a + b + c;
}
