// templates without end
// EXPECT: compile_error
template <long N, long M> struct t { static const long v = t<N - 1, M>::v + t<N, M - 1>::v; };
template <long M> struct t<0, M> { static const long v = M; };
template <long N> struct t<N, 0> { static const long v = N; };
int main() { return t<700, 700>::v; }
