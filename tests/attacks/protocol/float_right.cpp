// the same number in other words
// EXPECT: accepted  OUTPUT: 1000000.5 0.25  CHECK: float
#include <cstdio>
int main()
{
    std::puts("1.0000005E+6 +.25");
}
