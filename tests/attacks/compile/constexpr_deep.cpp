// many constant expressions, each just below the limit of the compiler
// EXPECT: compile_error
#include <utility>
constexpr long f(long n)
{
    long s = 0;
    for (long i = 0; i < 3000000; i++)
        s += (i ^ n) % 7;
    return s;
}
template <long... N> constexpr long all(std::integer_sequence<long, N...>) { return (f(N) + ...); }
constexpr long x = all(std::make_integer_sequence<long, 200>());
int main() { return (int)x; }
