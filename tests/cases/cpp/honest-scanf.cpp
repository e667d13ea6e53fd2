// tries: "reads and writes as C does"
// expect: "pass"
#include <cstdio>
int main() {
    int n, x, sum = 0;
    if (scanf("%d", &n) != 1) return 1;
    while (n--) {
        if (scanf("%d", &x) != 1) return 1;
        sum += x;
    }
    printf("%d\n", sum);
}
