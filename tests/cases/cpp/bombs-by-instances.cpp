// tries: "is a template that grows exponentially"
// expect: ["compile_error"]
// wall_s: 60
template <class A, class B> struct Pair { typedef Pair<Pair<A, B>, Pair<B, A>> next; };
template <int N, class T> struct Grow : Grow<N - 1, typename T::next>, Grow<N - 2, typename T::next::next> {};
template <class T> struct Grow<0, T> {};
template <class T> struct Grow<1, T> {};
int main() { Grow<30, Pair<int, long>> grown; (void)grown; }
