// an allocation that no machine can give, thrown through main
// EXPECT: memory_limit/allocation
#include <memory>
#include <cstdio>
int main()
{
    volatile unsigned long n = 1ul << 47;
    auto p = std::make_unique<char[]>(n);
    std::printf("%d\n", p[n / 9]);
}
