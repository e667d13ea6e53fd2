// tries: "is a template that never ends"
// expect: ["compile_error"]
template <int N> struct A { typedef typename A<N + 1>::type type; };
int main() { A<0>::type x; }
