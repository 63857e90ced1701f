// a constant expression without end
// EXPECT: compile_error
constexpr long f(long n)
{
    long s = 0;
    for (long i = 0; i < n; i++)
        s += i * i % 7;
    return s;
}
constexpr long x = f(1000000000000);
int main() { return (int)x; }
