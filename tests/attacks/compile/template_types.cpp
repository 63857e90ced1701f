// a type that doubles at every level
// EXPECT: compile_error
template <class A, class B> struct pair { A a; B b; };
template <int N> struct t { typedef pair<typename t<N - 1>::type, pair<typename t<N - 1>::type, int[N]>> type; };
template <> struct t<0> { typedef int type; };
t<40>::type x;
int main() { return sizeof x; }
